import { explain } from '../explain';

<template>
  <p role="alert">{{explain @model}}</p>
</template>
