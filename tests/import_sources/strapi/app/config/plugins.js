module.exports = () => ({
  "users-permissions": { config: { jwtSecret: "of a test" } },
  upload: { config: { sizeOptimization: false } },
});
