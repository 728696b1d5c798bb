"use strict";

// Keeps the phones as the server says they are, and tells the server what is done at them. Whatever the server says is
// set as text, never as markup. Without this script the page's links work, and its phones are hidden.

const language = document.documentElement.lang;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const CALL = "helpline-demo-call"; // this tab's own call, kept through a reload
const byId = (id) => document.getElementById(id);
const pause = (ms) => new Promise((done) => { rouse = done; setTimeout(done, ms); });
let rouse = () => {};

// --- one line of a phone's story; what is being said appears as it is spoken

class Line {
  constructor(told) {
    this.words = told.text.split(" ");
    this.item = document.createElement("li");
    this.item.className = told.kind;
    this.text = this.item.appendChild(document.createElement("span"));
    this.text.textContent = told.text;
    if (told.locale) {
      this.text.lang = told.locale;
      this.item.dataset.locale = told.locale.slice(0, 2);
    }
    if (told.note) {
      this.item.appendChild(document.createElement("small")).textContent = told.note;
    }
    this.speaking = null;
  }

  // `hears` while this line is being said, null before and after; true when it was cut short just now.
  follow(hears) {
    if (hears && !this.speaking) {
      this.speaking = { began: performance.now() - hears.since * 1000, seconds: hears.seconds };
      this.tick();
    } else if (!hears && this.speaking) {
      const { began, seconds } = this.speaking;
      this.speaking = null;
      this.item.classList.remove("speaking");
      const whole = this.words.join(" ");
      const cut = seconds - (performance.now() - began) / 1000 > 1 && this.text.textContent !== whole;
      this.text.textContent = cut ? `${this.text.textContent} …` : whole;
      return cut;
    }
    return false;
  }

  tick() {
    if (!this.speaking) return false;
    const part = (performance.now() - this.speaking.began) / 1000 / this.speaking.seconds;
    const shown = still.matches ? this.words.length : Math.ceil(this.words.length * Math.min(1, part));
    const text = this.words.slice(0, Math.max(1, shown)).join(" ");
    this.item.classList.toggle("speaking", part < 1);
    if (this.text.textContent === text) return false;
    this.text.textContent = text;
    return true;
  }
}

// --- one telephone

class Phone {
  constructor(card) {
    this.card = card;
    this.key = card.dataset.phone;
    this.name = byId(`${card.id}-name`).textContent;
    this.state = "idle";
    this.heard = null;
    this.lines = new Map();
    this.drawn = false;
    for (const part of ["story", "status", "clock", "role"]) this[part] = card.querySelector(`[data-${part}]`);
    this.chip = document.querySelector(`[data-chip="${this.key}"]`);
    this.pinned = true; // to the newest line, unless somebody reads back
    this.story.addEventListener("scroll", () => {
      this.pinned = this.story.scrollHeight - this.story.scrollTop - this.story.clientHeight < 40;
    });
    new ResizeObserver(() => this.pin()).observe(this.story);
  }

  get address() {
    return this.key === "caller" ? { call: sessionStorage.getItem(CALL) || "" } : { phone: this.key };
  }

  show(seen) {
    const before = this.state;
    this.state = this.card.dataset.state = this.chip.dataset.state = seen.state;
    this.card.classList.toggle("asks", seen.asks);
    this.heard = seen.hears;
    this.began = seen.seconds === null ? null : performance.now() - seen.seconds * 1000;
    if (this.status.textContent !== seen.status) this.status.textContent = seen.status;
    const busy = seen.state !== "idle";
    this.allow("[data-do=dial]", !busy);
    this.allow("[data-do=pick_up]", seen.state === "ringing");
    this.allow("[data-do=hang_up]", busy);
    this.allow("[data-key]", seen.state === "connected" || seen.state === "talking");
    for (const input of this.card.querySelectorAll("input")) input.disabled = busy;
    if (!busy) sound.hush(this);
    if (this.drawn && before !== seen.state && ["ringing", "talking"].includes(seen.state)) {
      aloud(`${this.name} : ${seen.status}`);
    }
    this.tell(seen.story, seen.hears);
    this.drawn = true;
    this.tick();
  }

  allow(which, yes) {
    for (const button of this.card.querySelectorAll(which)) button.setAttribute("aria-disabled", String(!yes));
  }

  tell(story, hears) {
    const ids = new Set(story.map((told) => told.id));
    for (const [id, line] of this.lines) {
      if (!ids.has(id)) {
        line.item.remove();
        this.lines.delete(id);
      }
    }
    for (const told of story) {
      const spoken = hears && hears.line === told.id ? hears : null;
      const fresh = !this.lines.has(told.id);
      if (fresh) {
        this.lines.set(told.id, new Line(told));
        this.story.append(this.lines.get(told.id).item);
      }
      if (this.lines.get(told.id).follow(spoken)) sound.hush(this);
      if (fresh && spoken && this.drawn) {
        aloud(`${this.name} : `, told);
        sound.say(this, told);
      }
    }
    this.pin();
  }

  pin() {
    if (this.pinned) this.story.scrollTop = this.story.scrollHeight;
  }

  tick() {
    const seconds = this.began === null || this.state === "idle" ? null : (performance.now() - this.began) / 1000;
    const clock = seconds === null ? "" : `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
    if (this.clock.textContent !== clock) this.clock.textContent = clock;
    for (const line of this.lines.values()) if (line.tick()) this.pin();
  }
}

// --- sound: off until somebody asks for it, because browsers want a gesture first

const sound = {
  on: false,
  queue: [], // what phones hear, waiting for the one voice there is
  now: null,
  ear: null, // the phone last touched is heard first
  music: new Audio(),
  context: null,
  bell: 0,

  toggle() {
    this.on = !this.on;
    byId("sound").setAttribute("aria-pressed", String(this.on));
    if (this.on) {
      this.context ??= new AudioContext();
      this.context.resume();
      window.speechSynthesis?.getVoices(); // some browsers load them on the first question
    } else {
      this.queue = [];
      window.speechSynthesis?.cancel();
    }
    this.settle();
  },

  voice(locale) {
    const tag = (voice) => voice.lang.replace("_", "-");
    const voices = window.speechSynthesis?.getVoices() ?? [];
    return voices.find((voice) => tag(voice) === locale) ?? voices.find((voice) => tag(voice).startsWith(locale.slice(0, 2)));
  },

  say(phone, told) {
    const voice = this.on && this.voice(told.locale);
    if (!voice) return; // in another language's voice nobody would understand it
    this.queue.push({ phone, voice, text: told.text, at: performance.now() });
    if (this.now && this.now.phone !== phone && phone === this.ear) window.speechSynthesis.cancel();
    this.next();
  },

  next() {
    if (this.now) return;
    this.queue = this.queue.filter((item) => performance.now() - item.at < 5000); // what is late is left unsaid
    const item = this.queue.find((each) => each.phone === this.ear) ?? this.queue[0];
    if (item) {
      this.queue.splice(this.queue.indexOf(item), 1);
      this.now = item;
      // Sentence by sentence: some browsers fall silent in the middle of a long text.
      const parts = item.text.match(/[^.!?]+[.!?]*\s*/g) ?? [item.text];
      parts.forEach((part, place) => {
        const spoken = new SpeechSynthesisUtterance(part);
        spoken.voice = item.voice;
        spoken.lang = item.voice.lang;
        const over = () => { if (this.now === item) { this.now = null; this.next(); } };
        spoken.onerror = over;
        if (place === parts.length - 1) spoken.onend = over;
        window.speechSynthesis.speak(spoken);
      });
    }
    this.settle();
  },

  hush(phone) {
    this.queue = this.queue.filter((item) => item.phone !== phone);
    if (this.now?.phone === phone) window.speechSynthesis.cancel();
  },

  // Music while a caller waits and no voice is heard; the bell while a phone rings.
  settle() {
    const all = [...phones.values()];
    const heard = all.find((phone) => phone.heard?.audio)?.heard;
    const music = this.on && heard && !this.now && !all.some((phone) => phone.key !== "caller" && phone.heard?.line);
    if (music && this.music.paused) {
      if (!this.music.src.endsWith(heard.audio)) this.music.src = heard.audio;
      this.music.volume = 0.3;
      this.music.loop = true;
      this.music.play().catch(() => {});
    } else if (!music) {
      this.music.pause();
    }
    const ringing = this.on && all.some((phone) => phone.state === "ringing");
    if (ringing && !this.bell) {
      this.bell = setInterval(() => this.beep(), 3000);
      this.beep();
    } else if (!ringing) {
      clearInterval(this.bell);
      this.bell = 0;
    }
  },

  beep() {
    for (const [start, pitch] of [[0, 660], [0.18, 784], [0.5, 660], [0.68, 784]]) {
      const at = this.context.currentTime + start;
      const tone = new OscillatorNode(this.context, { frequency: pitch });
      const gain = new GainNode(this.context, { gain: 0 });
      gain.gain.setValueAtTime(0, at);
      gain.gain.linearRampToValueAtTime(0.08, at + 0.02);
      gain.gain.exponentialRampToValueAtTime(0.001, at + 0.3);
      tone.connect(gain).connect(this.context.destination);
      tone.start(at);
      tone.stop(at + 0.32);
    }
  },
};

// --- what a screen reader is told, whole sentences at once, and what a person is told who couldn't do something

function aloud(text, told) {
  const line = byId("aloud").appendChild(document.createElement("p"));
  line.textContent = text;
  if (told) {
    const words = line.appendChild(document.createElement("span"));
    words.lang = told.locale;
    words.textContent = told.text;
  }
  while (byId("aloud").childElementCount > 6) byId("aloud").firstChild.remove();
}

let fading = 0;
function toast(text) {
  byId("toast").textContent = text;
  clearTimeout(fading);
  fading = setTimeout(() => { byId("toast").textContent = ""; }, 7000);
}

// --- doing something at a phone

let dialling = false;

async function post(action, body) {
  try {
    const answer = await fetch(`/demo/${action}?lang=${language}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const said = await answer.json();
    if (answer.ok) return said;
    // The other side was faster: the phone shows it.
    if (!["not-ringing", "not-calling", "over"].includes(said.error)) toast(said.message);
  } catch {
    lost(true);
  }
  return null;
}

async function dial(card) {
  if (dialling) return;
  dialling = true;
  const line = card.querySelector("[name=line]:checked").value;
  const made = await post("dial", { line, withheld: card.querySelector("[name=withheld]").checked });
  dialling = false;
  if (made) {
    sessionStorage.setItem(CALL, made.call);
    again();
  }
}

function press(phone, key) {
  const button = phone.card.querySelector(`[data-key="${key}"]`);
  if (button.ariaDisabled === "true") return;
  button.classList.add("pressed");
  setTimeout(() => button.classList.remove("pressed"), 150);
  sound.ear = phone;
  post("press", { ...phone.address, keys: key });
}

function act(phone, action) {
  const button = phone.card.querySelector(`[data-do=${action}]`);
  if (!button || button.ariaDisabled === "true") return;
  sound.ear = phone;
  if (action === "dial") dial(phone.card);
  else post(action, phone.address);
}

document.addEventListener("click", (event) => {
  if (event.target.closest("#sound")) return void sound.toggle();
  const other = event.target.closest("[data-other]");
  if (other) return void post("hang_up", { call: other.dataset.other });
  const phone = phones.get(event.target.closest("[data-phone]")?.dataset.phone);
  const button = event.target.closest("button");
  if (!phone || !button) return;
  if (button.dataset.key) press(phone, button.dataset.key);
  else act(phone, button.dataset.do);
});

document.addEventListener("keydown", (event) => {
  const phone = phones.get(event.target.closest?.("[data-phone]")?.dataset.phone);
  if (!phone || ((event.ctrlKey || event.altKey || event.metaKey) && !event.getModifierState("AltGraph"))) return;
  const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 };
  // On a French keyboard the row of digits gives other characters without shift.
  const key = /^[0-9*#]$/.test(event.key) ? event.key : event.shiftKey ? "" : event.code.match(/^Digit(\d)$/)?.[1] ?? "";
  if (key) press(phone, key);
  else if (event.key === "Escape") act(phone, "hang_up");
  else if (event.key === "Enter" && !event.target.closest("button")) act(phone, phone.key === "caller" ? "dial" : "pick_up");
  else if (event.target.dataset.key && event.key in steps) move(phone, event.target, steps[event.key]);
  else return;
  event.preventDefault();
});

// Of a keypad, Tab reaches one key, and the arrows the others.
function move(phone, from, by) {
  const keys = [...phone.card.querySelectorAll("[data-key]")];
  const to = keys[keys.indexOf(from) + by];
  if (!to) return;
  from.tabIndex = -1;
  to.tabIndex = 0;
  to.focus();
}

// --- signing in by hand: codes last half a minute

const byHand = byId("by-hand");

async function renewCodes() {
  if (!byHand?.open) return;
  try {
    const answer = await fetch(byHand.dataset.codes);
    for (const [account, code] of Object.entries(await answer.json())) put(`[data-code="${account}"]`, code);
  } catch {
    // The demonstration is over or busy: what is shown stays until the next look.
  }
}

byHand?.addEventListener("toggle", renewCodes);
setInterval(renewCodes, 5000);

// --- what the server says

function show(state) {
  // Others have come on call: their phones are drawn by the server.
  if (state.cards.some((key) => !phones.has(key))) return location.reload();
  phones.get("caller").show(state.caller);
  for (const seen of state.phones) phones.get(seen.key)?.show(seen);
  for (const [key, text] of Object.entries(state.roles)) if (phones.has(key)) phones.get(key).role.textContent = text;
  for (const [id, n, text] of state.waiting) {
    const where = `[data-waiting="${id}"]`;
    put(where, text);
    document.querySelector(where)?.classList.toggle("some", n > 0);
  }
  for (const [line, text] of Object.entries(state.duty)) put(`[data-duty="${line}"]`, text);
  for (const step of document.querySelectorAll(".steps li")) {
    if (step.dataset.step === state.step) step.setAttribute("aria-current", "step");
    else step.removeAttribute("aria-current");
  }
  document.body.dataset.step = state.step;
  showLast(state.last);
  showOthers(state.others);
  sound.settle();
}

function put(where, text) {
  const element = document.querySelector(where);
  if (element && element.textContent !== text) element.textContent = text;
}

function showLast(rows) {
  const list = document.querySelector("[data-last]");
  document.querySelector(".nothing-yet").hidden = rows.length > 0;
  rows.forEach(([name, value], place) => {
    const row = list.children[place] ?? list.appendChild(document.createElement("div"));
    if (!row.firstElementChild) row.append(document.createElement("dt"), document.createElement("dd"));
    row.firstElementChild.textContent = name;
    row.lastElementChild.textContent = value;
  });
}

function showOthers(others) {
  document.querySelector(".others").hidden = others.length === 0;
  const list = document.querySelector("[data-others]");
  const label = document.querySelector("#caller [data-do=hang_up]").textContent.trim();
  while (list.childElementCount > others.length) list.lastChild.remove();
  others.forEach((other, place) => {
    const item = list.children[place] ?? list.appendChild(document.createElement("li"));
    if (!item.firstElementChild) {
      item.append(document.createElement("span"), document.createElement("button"));
      item.lastElementChild.type = "button";
      item.lastElementChild.textContent = label;
    }
    item.firstElementChild.textContent = other.text;
    item.lastElementChild.dataset.other = other.key;
    item.lastElementChild.setAttribute("aria-label", `${label} : ${other.text}`);
  });
}

function lost(yes) {
  byId("lost").hidden = !yes;
}

let version = "";
let asking = new AbortController();

function again() {
  version = "";
  asking.abort();
  rouse();
}

async function follow() {
  for (;;) {
    asking = new AbortController();
    try {
      const wait = document.hidden ? 0 : 20;
      const ask = new URLSearchParams({ lang: language, version, wait, call: sessionStorage.getItem(CALL) ?? "" });
      const answer = await fetch(`/demo/state?${ask}`, { signal: asking.signal });
      if (!answer.ok) throw new Error(answer.status);
      const state = await answer.json();
      lost(false);
      if (!dialling) {
        version = state.version;
        show(state);
      }
      // A browser has few connections to one server: a tab that nobody looks at keeps none.
      if (document.hidden) await pause(4000);
    } catch (error) {
      if (error.name === "AbortError") continue;
      version = ""; // another demonstration may count as this one did
      lost(true);
      await pause(2000);
    }
  }
}

const phones = new Map([...document.querySelectorAll("[data-phone]")].map((card) => [card.dataset.phone, new Phone(card)]));
document.addEventListener("visibilitychange", again);
setInterval(() => { for (const phone of phones.values()) phone.tick(); }, 100);
follow();
