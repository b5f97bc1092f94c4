// The page's own start: its policy allows no script inside the page.
SwaggerUIBundle({
  url: new URL("../openapi.json", document.currentScript.src).href,
  dom_id: "#api",
  deepLinking: true,
  defaultModelsExpandDepth: 0,
  // No outside service is asked whether the description is valid.
  validatorUrl: null,
});
