<template>
  <p role="status">Loading …</p>
</template>
