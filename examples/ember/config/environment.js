'use strict';

module.exports = function (environment) {
  return {
    modulePrefix: 'gallery',
    environment,
    rootURL: '/',
    locationType: 'history',
    EmberENV: { EXTEND_PROTOTYPES: false },
    APP: {},
    uploads: {
      server: process.env.UPLOADS_SERVER || 'http://127.0.0.1:8000',
    },
  };
};
