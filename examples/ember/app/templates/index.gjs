import Gallery from '../components/gallery';

<template><Gallery @firstPage={{@model}} /></template>
