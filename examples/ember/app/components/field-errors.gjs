<template>
  <span id={{@id}} role="alert" class="field-errors">{{#each
      @errors
      as |error|
    }}{{error.message}}
    {{/each}}</span>
</template>
