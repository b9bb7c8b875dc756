// The try-it console: Swagger UI, with the tenant, service path and token of the form above it in every call.
"use strict";

const fields = ["tenant", "path", "token"].map((name) => document.getElementById(name));
const given = new URLSearchParams(location.search);

for (const field of fields) {
  if (field.id !== "token") field.value = given.get(field.id) ?? sessionStorage.getItem(`hiroba.${field.id}`) ?? "";
  field.addEventListener("input", () => {
    if (field.id !== "token") sessionStorage.setItem(`hiroba.${field.id}`, field.value);
  });
}
document.getElementById("caller").addEventListener("submit", (event) => event.preventDefault());

// The page that opened this one may have a token for it: it is asked once, and never overwrites what was typed.
addEventListener("message", (event) => {
  const token = document.getElementById("token");
  if (event.source !== window.opener || typeof event.data?.hirobaToken !== "string" || token.value) return;
  token.value = event.data.hirobaToken;
});
window.opener?.postMessage("hiroba-console", "*");

function withCaller(request) {
  if (request.loadSpec) return request;
  const [tenant, path, token] = fields.map((field) => field.value.trim());
  if (tenant) request.headers["Fiware-Service"] = tenant;
  if (path) request.headers["Fiware-ServicePath"] = path;
  if (token) request.headers["Authorization"] = /^bearer /i.test(token) ? token : `Bearer ${token}`;
  return request;
}

window.ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#console",
  deepLinking: true,
  docExpansion: "list",
  displayRequestDuration: true,
  filter: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: true,
  requestInterceptor: withCaller,
});
