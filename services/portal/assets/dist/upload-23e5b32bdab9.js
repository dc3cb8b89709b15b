const form = document.querySelector("form[data-uploads]");
const piece = 262144;
const part = 6 * piece;
const passing = [429, 502, 503, 504];
const rounds = 20;
const pause = (time) => new Promise((done) => setTimeout(done, time));
const digest = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
const offsetOf = (answer) => Number(answer.headers.get("upload-offset"));
const hashed = async (file, length) => {
const all = new Uint8Array(Math.ceil(length / piece) * 40);
for (let at = 0, to = 0; at < length; at += piece, to += 40) {
all[to + 7] = 32;
all.set(await digest(await file.slice(at, at + piece).arrayBuffer()), to + 8);
}
return [...await digest(all)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};
const say = (words) => {
const said = form.querySelector("[role=status]");
if (said.textContent !== words) said.textContent = words;
};
const ask = async (method, address, more, body) => {
const headers = { "x-form-token": form.elements._token.value, ...more };
for (let time = 1000, refused = 0; ; time = Math.min(2 * time, 30000)) {
try {
const answer = await fetch(address, { method, headers, body, redirect: "manual" });
if (!passing.includes(answer.status)) return answer;
if (++refused > rounds) throw answer;
} catch (lost) {
if (!(lost instanceof TypeError)) throw lost;
}
say(form.dataset.waiting);
await pause(time);
if (body) return { status: 409 };
}
};
const begun = async (file) => {
for (const { dataset } of document.querySelectorAll("[data-upload]")) {
if (Number(dataset.size) !== file.size) continue;
const answer = await ask("HEAD", dataset.upload);
if (answer.ok && answer.headers.get("upload-hash") === await hashed(file, offsetOf(answer))) {
return [dataset.upload, offsetOf(answer)];
}
}
const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
const answer = await ask("POST", form.dataset.uploads, { "upload-length": file.size, "upload-metadata": `filename ${name}` });
if (answer.status !== 201) throw answer;
return [answer.headers.get("location"), 0];
};
const send = async (file) => {
const bar = form.querySelector("progress");
let [address, offset] = await begun(file);
for (let whole = false, idle = 0; !whole;) {
bar.hidden = false;
bar.value = offset / file.size;
say(`${file.name}: ${Math.floor(offset / file.size * 10) * 10} %`);
const headers = { "upload-offset": offset, "content-type": "application/offset+octet-stream" };
let answer = await ask("PATCH", address, headers, file.slice(offset, offset + part));
if (answer.status === 204) {
offset = offsetOf(answer);
idle = 0;
whole = offset === file.size;
} else if (answer.status === 409) {
await pause(1000);
answer = await ask("HEAD", address);
if (!answer.ok) throw answer;
const came = offsetOf(answer);
if (came > offset) idle = 0;
else if (++idle > rounds) throw answer;
offset = came;
} else throw answer;
}
};
if (form && window.crypto?.subtle) {
form.addEventListener("submit", async (event) => {
const { files } = form.elements.file;
if (!files.length || [...files].some((file) => !file.size)) return;
event.preventDefault();
const button = form.querySelector("button");
button.disabled = true;
let name = "";
try {
for (const file of files) {
name = file.name;
await send(file);
}
} catch (answer) {
if (answer.status === 422) {
say(`${name}: ${await answer.text()}`);
button.disabled = false;
return;
}
}
location.replace(form.getAttribute("action"));
});
}