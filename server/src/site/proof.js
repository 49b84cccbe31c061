// Does the computation by which a form proves that it is not sent by a machine without effort: finds a number with which the SHA-256 of
// "token:number" begins with the asked count of zero bits. Without this script the question of the form is answered instead.
// Fields of a form with `data-check-field` are checked at that address when they are left; each check takes a proof of its own.
(() => {
  const token = document.querySelector('input[name="_proof"]');
  const question = document.getElementById("proof-question");
  const form = token?.form ?? document.querySelector("form[data-check-field]");
  if (!form) return;
  const result = form.elements._work;
  if (question) question.hidden = true;

  const primes = [];
  for (let n = 2; primes.length < 64; n++) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32) | 0;
  const START = primes.slice(0, 8).map((p) => fraction(Math.sqrt(p)));
  const ROUND = primes.map((p) => fraction(Math.cbrt(p)));
  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  const w = new Int32Array(64);
  const compress = (state, bytes, at) => {
    for (let i = 0; i < 16; i++, at += 4) w[i] = (bytes[at] << 24) | (bytes[at + 1] << 16) | (bytes[at + 2] << 8) | bytes[at + 3];
    for (let i = 16; i < 64; i++) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + ROUND[i] + w[i]) | 0;
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g;
      g = f;
      f = e;
      e = (d + t1) | 0;
      d = c;
      c = b;
      b = a;
      a = (t1 + t2) | 0;
    }
    return [a, b, c, d, e, f, g, h].map((x, i) => (x + state[i]) | 0);
  };

  // The texts are ASCII.
  const sha256 = (text) => {
    const bytes = new Uint8Array(((text.length + 8) >> 6) * 64 + 64);
    for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
    bytes[text.length] = 0x80;
    new DataView(bytes.buffer).setUint32(bytes.length - 4, text.length * 8);
    let state = START;
    for (let at = 0; at < bytes.length; at += 64) state = compress(state, bytes, at);
    return state;
  };
  // The count is below 32.
  const proves = (text) => sha256(text)[0] >>> 0 < 2 ** (32 - Number(token.dataset.bits));

  let number = 0;
  const search = () => {
    for (const end = number + 2000; number < end; number++)
      if (proves(`${token.value}:${number}`)) {
        result.value = String(number);
        proved();
        return;
      }
    setTimeout(search);
  };
  const prove = () => {
    number = 0;
    result.value = "";
    search();
  };

  let waiting = false;
  let checking = false;
  // Names of the fields that wait for their check.
  const left = new Set();
  const isReady = () => !checking && (!token || result.value);
  const proved = () => {
    if (!isReady()) return;
    if (waiting) {
      waiting = false;
      form.requestSubmit();
    } else if (left.size) check();
  };
  form.addEventListener("submit", (event) => {
    if (isReady()) return;
    event.preventDefault();
    waiting = true;
  });

  // A slow network must not hold the form back for longer.
  const CHECK_MS = 5000;
  const CHECKED = ["account", "document_number", "mobile", "email"];
  // An island that is not hydrated yet expects its own nodes: none of them is removed, and a new one stands at the end.
  const show = (control, fault) => {
    const frame = control.closest(".field");
    const id = `e-${control.name}`;
    let text = document.getElementById(id);
    if (!text && fault) {
      text = document.createElement("p");
      text.className = "field-fault";
      text.id = id;
      text.setAttribute("role", "status");
      frame.append(text);
    }
    if (text) text.hidden = !fault;
    if (fault) text.textContent = fault;
    frame.classList.toggle("field-bad", Boolean(fault));
    control.setAttribute("aria-invalid", String(Boolean(fault)));
    const described = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((other) => other && other !== id);
    if (fault) described.push(id);
    control.setAttribute("aria-describedby", described.join(" "));
  };
  const values = (name) => {
    const pairs = [name, ...(name === "document_number" ? ["document_type"] : []), ...(token ? ["_proof", "_work"] : [])];
    return pairs.map((other) => [other, form.elements[other].value]);
  };
  const check = async () => {
    const [name] = left;
    left.delete(name);
    const control = form.elements[name];
    const typed = control.value;
    checking = true;
    try {
      const body = new URLSearchParams([["_field", name], ...values(name)]);
      const response = await fetch(form.dataset.checkField, { method: "POST", body, signal: AbortSignal.timeout?.(CHECK_MS) });
      const { fault, proof } = await response.json();
      if (response.ok && control.value === typed) show(control, fault);
      if (token && proof && proof.token !== token.value) {
        token.value = proof.token;
        token.dataset.bits = proof.bits;
        result.value = "";
      }
    } catch {
      // 下一步 checks the field again.
    }
    checking = false;
    if (token && !result.value) prove();
    else proved();
  };
  if (form.dataset.checkField) {
    // What was said of the text before it was changed.
    form.addEventListener("input", ({ target }) => {
      if (CHECKED.includes(target.name) && document.getElementById(`e-${target.name}`)) show(target, null);
    });
    form.addEventListener("change", ({ target }) => {
      const name = target.name === "document_type" ? "document_number" : target.name;
      if (!CHECKED.includes(name) || !form.elements[name].value.trim()) return;
      left.add(name);
      if (isReady()) check();
    });
  }
  if (token) prove();
})();
