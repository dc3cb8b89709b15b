document.addEventListener("submit", (event) => {
const form = event.target;
if (form.dataset.sent && Date.now() - form.dataset.sent < 3000) event.preventDefault();
form.dataset.sent = Date.now();
});
window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));
document.querySelector(".govuk-error-summary")?.focus();
if (document.querySelector("[data-fragment]") && location.hash.length > 1) {
const text = decodeURIComponent(location.hash.slice(1));
const parts = new URLSearchParams(text.includes("=") ? text : "code=" + text);
for (const name of ["number", "code"]) if (parts.get(name)) document.getElementById(name).value = parts.get(name);
history.replaceState(null, "", location.pathname + location.search);
}