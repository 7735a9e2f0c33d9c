/**
 * goeswith's boxes for a shop's own pages. No dependency, no build step; docs/storefront.md tells how it is used.
 *
 *   <script src="https://suggest.example/static/goeswith.js" defer data-key="publishable key"></script>
 *   <goeswith-bundle item="A"></goeswith-bundle>
 *   <goeswith-box placement="cross-sell" cart="A,B" k="4"></goeswith-box>
 *   <goeswith-add-ons cart="A,B"></goeswith-add-ons>
 *
 * Adding is the shop's: every button dispatches `goeswith:add`. Whatever fails here stays quiet and shows nothing.
 */
(() => {
  "use strict";
  if (window.goeswith) return;

  const script = document.currentScript;
  const { key = "", currency = "", link = "", consent: consented = "" } = script.dataset;
  const base = new URL(script.dataset.service || "..", script.src);
  const PATIENCE = 2000, LOOK = 1000, BATCH = 20, STORED = "goeswith.visitor_id";

  const words = {
    "bought-together": "Often bought together", "cross-sell": "Goes with your cart", "add-on": "Goes well with it",
    upsell: "A step up", similar: "Instead of it", trending: "Selling more of late", "buy-again": "Once more",
    add: "Add to cart", all: "Add all {count} to cart", added: "Added", status: "Added to the cart: {title}",
    consent: "Yes, I want {title} for {price}", close: "Continue",
  };
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  /** Ask the service; null where it fails, refuses or takes too long. */
  async function ask(path, body) {
    try {
      const reply = await fetch(new URL(path, base), { ...request(body), signal: AbortSignal.timeout(PATIENCE) });
      return reply.ok ? await reply.json() : null;
    } catch {
      return null;
    }
  }

  function request(body) {
    const headers = key ? { "X-API-Key": key } : {};
    if (!body) return { headers, credentials: "omit" };
    headers["Content-Type"] = "application/json";
    return { method: "POST", headers, credentials: "omit", body: JSON.stringify(body) };
  }

  // ---- who looks: an id that is stored only with consent, else a new one with every page

  const uuid = () => crypto.randomUUID?.() ??
    Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  let visitor = `v-${uuid()}`;

  function consent(granted) {
    try {
      if (granted && !navigator.globalPrivacyControl) {
        visitor = localStorage.getItem(STORED)?.match(/^v-[\w-]{1,64}$/)?.[0] ?? visitor;
        localStorage.setItem(STORED, visitor);
      } else if (localStorage.getItem(STORED) !== null) {
        localStorage.removeItem(STORED);
        visitor = `v-${uuid()}`;
      }
    } catch { /* storage is closed: the page's own id will do */ }
  }
  consent(consented === "granted");

  // ---- what happened: events in batches; a service that takes none is not asked again

  const events = [], seen = new Set();
  let timer = 0, taken = true;

  /** Queue an event about what was suggested; the product that a bundle belongs to was not, and has no reason. */
  function tell(type, answer, items) {
    const lines = items.filter(({ reason }) => reason).map(({ item_id, quantity }) => ({ item_id, quantity }));
    if (!taken || (type !== "view" && !lines.length)) return;
    const { request_id, placement } = answer;
    events.push({ type, visitor_id: visitor, request_id, placement, items: lines, event_id: uuid() });
    if (events.length >= BATCH) send();
    else timer ||= setTimeout(send, LOOK);
  }

  async function send() {
    clearTimeout(timer);
    timer = 0;
    const batch = events.splice(0);
    if (!batch.length || !taken) return;
    try {
      const reply = await fetch(new URL("v1/events", base), { ...request({ events: batch }), keepalive: true });
      if ([401, 403, 404, 405].includes(reply.status)) taken = false;
    } catch { /* what is lost is lost: the page goes on */ }
  }
  addEventListener("pagehide", send);
  document.addEventListener("visibilitychange", () => document.hidden && send());

  /** One `view` an answer, empty ones too: holdouts are compared with those who saw the box in the same place. */
  function viewed(answer) {
    const name = `${answer.placement} ${answer.request_id}`;
    if (!seen.has(name)) tell("view", answer, answer.items);
    seen.add(name);
  }

  const looks = new WeakMap();
  const eye = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio, intersectionRect } of entries) {
      clearTimeout(looks.get(target));
      if (intersectionRatio < 0.5 && intersectionRect.height < innerHeight / 2) continue;
      const look = () => looks.set(target, setTimeout(() => (document.hidden ? look() : target.looked()), LOOK));
      look();
    }
  }, { threshold: [0, 0.25, 0.5] });

  // ---- how it looks: text is only ever set as text

  function make(tag, part, text, attributes = {}) {
    const made = Object.assign(document.createElement(tag), attributes);
    if (part) made.part = part;
    if (text) made.textContent = text;
    return made;
  }

  /** The price of all pieces of these items, "" where one is unknown. */
  function money(items, host) {
    if (items.some((item) => item.price === null)) return "";
    const amount = items.reduce((sum, item) => sum + item.price * item.quantity, 0);
    const unit = host.getAttribute("currency") || currency;
    const style = unit ? { style: "currency", currency: unit } : { minimumFractionDigits: 2, maximumFractionDigits: 2 };
    return new Intl.NumberFormat(document.documentElement.lang || undefined, style).format(amount);
  }

  /** An address that a page may lead to, or "". */
  function web(address) {
    try {
      const url = address && new URL(address, document.baseURI);
      return url && /^https?:$/.test(url.protocol) ? url.href : "";
    } catch {
      return "";
    }
  }

  function picture(item) {
    const place = make("span", "picture", "", { ariaHidden: "true" });
    let hue = 0;
    for (const letter of item.title) hue = (hue * 31 + letter.codePointAt(0)) % 360;
    place.style.setProperty("--hue", hue);
    const initials = item.title.match(/\p{L}+/gu)?.slice(0, 2).map((word) => [...word][0]).join("");
    const source = web(item.image_url);
    if (!source) place.textContent = initials ?? "";
    else {
      const image = make("img", "", "", { alt: "", loading: "lazy", onerror: () => image.replaceWith(initials ?? "") });
      image.src = source;
      place.append(image);
    }
    return place;
  }

  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { display: block; min-block-size: var(--goeswith-reserve, 22rem); color: var(--goeswith-color, inherit);
      --line: var(--goeswith-line, color-mix(in srgb, currentColor 16%, transparent)); }
    :host([data-state="empty"]) { position: absolute !important; inline-size: 1px !important; overflow: hidden;
      visibility: hidden !important; pointer-events: none; }
    :host(goeswith-add-ons) { display: contents; }
    :host([hidden]) { display: none !important; }
    * { box-sizing: border-box; }
    h2 { margin: 0 0 .75rem; font-size: 1.15em; }
    ul { display: grid; grid-auto-flow: column; grid-auto-columns: minmax(10.5rem, 18rem); gap: .75rem; margin: 0;
      padding: 2px; overflow-x: auto; scroll-snap-type: x proximity; scrollbar-width: thin; list-style: none; }
    li { display: flex; flex-direction: column; gap: .35rem; padding: .75rem; scroll-snap-align: start;
      border: 1px solid var(--line); border-radius: var(--goeswith-radius, .75rem);
      background: var(--goeswith-background, transparent); }
    a { color: inherit; text-decoration: none; } a:hover { text-decoration: underline; }
    [part=picture] { display: grid; place-items: center; block-size: 6rem; overflow: hidden; border-radius: .5rem;
      font-weight: 600; font-size: 1.4em; letter-spacing: .05em;
      color: color-mix(in srgb, currentColor 55%, hsl(var(--hue) 60% 50%));
      background: linear-gradient(135deg, hsl(var(--hue) 60% 55% / .16), hsl(calc(var(--hue) + 40) 60% 50% / .3)); }
    img { inline-size: 100%; block-size: 100%; object-fit: contain; }
    [part=title] { font-weight: 600; line-height: 1.3; overflow-wrap: anywhere; }
    [part=reason], [part=text] { margin: 0; font-size: .82em; line-height: 1.4; opacity: .75; }
    label { display: flex; gap: .5rem; align-items: start; font-size: .9em; }
    button { margin-block-start: auto; padding: .55em .9em; border: 1px solid var(--goeswith-accent, #1f6f4a);
      border-radius: calc(var(--goeswith-radius, .75rem) / 1.5); font: inherit; font-weight: 600; cursor: pointer;
      color: var(--goeswith-on-accent, #fff); background: var(--goeswith-accent, #1f6f4a); }
    button:disabled { opacity: .45; cursor: not-allowed; }
    :focus-visible { outline: 2px solid var(--goeswith-accent, #1f6f4a); outline-offset: 2px; }
    [part=foot] { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin-block-start: .75rem; }
    [part=total] { font-size: 1.2em; font-weight: 700; } [part=text] { flex: 1 1 12rem; }
    [role=status] { position: absolute; inline-size: 1px; block-size: 1px; overflow: hidden; clip-path: inset(50%); }
    dialog { inline-size: min(44rem, 100vw - 2rem); padding: 1.25rem; border: 1px solid var(--line);
      border-radius: var(--goeswith-radius, .75rem); color: var(--goeswith-color, CanvasText);
      background: var(--goeswith-surface, Canvas); }
    dialog::backdrop { background: rgb(0 0 0 / .45); }
    dialog ul { grid-auto-flow: row; grid-template-columns: repeat(auto-fill, minmax(10.5rem, 1fr)); }
    @media (max-width: 36rem) {
      dialog li { display: grid; grid-template-columns: 4.5rem 1fr; column-gap: .75rem; align-items: start; }
      dialog [part=picture] { grid-row: 1 / 4; block-size: 4.5rem; } dialog :is(label, button) { grid-column: 1 / -1; }
      [part=foot] button { flex: 1 1 100%; } }
    [part=close] { display: block; margin: 1rem 0 0 auto; color: inherit; background: none; border-color: var(--line); }
    @media (prefers-reduced-motion: no-preference) { button { transition: opacity .15s, filter .15s; } }
    button:hover:enabled { filter: brightness(1.08); }`);

  // ---- the elements

  class Box extends HTMLElement {
    static observedAttributes = ["item", "cart", "placement", "k", "exclude", "currency", "heading"];
    #turn = 0;
    #status = make("p", "", "", { role: "status", ariaLive: "polite" });

    constructor() {
      super();
      this.attachShadow({ mode: "open" }).adoptedStyleSheets = [sheet];
    }
    connectedCallback() { this.refresh(); }
    disconnectedCallback() { eye.unobserve(this); clearTimeout(looks.get(this)); }
    attributeChangedCallback(_, before, now) { if (this.isConnected && before !== now) this.refresh(); }

    get placement() {
      return this.getAttribute("placement") || (this.hasAttribute("item") ? "bought-together" : "cross-sell");
    }

    /** Ids of an attribute: separated by commas, or a JSON list where an id has one. */
    ids(name) {
      const text = this.getAttribute(name)?.trim() ?? "";
      if (text.startsWith("[")) try { return JSON.parse(text); } catch { return []; }
      return text.split(",").map((id) => id.trim()).filter(Boolean);
    }

    /** Ask anew and show the answer; of several at once the last counts. */
    async refresh() {
      const turn = ++this.#turn;
      await null;
      if (turn !== this.#turn) return;
      this.dataset.state ??= "loading";
      const answer = await this.answer();
      if (turn === this.#turn && this.isConnected) this.tryToShow(answer);
    }

    tryToShow(answer) {
      try {
        this.show(answer);
      } catch (error) { // a currency that is none, an answer of something else
        console.warn("goeswith:", error);
        this.show(null);
      }
    }

    answer() {
      const item = this.getAttribute("item"), k = Number(this.getAttribute("k")) || 4;
      if (item && !this.hasAttribute("cart") && !this.hasAttribute("exclude") && !("experiment" in script.dataset)) {
        const query = new URLSearchParams({ placement: this.placement, k });
        return ask(`v1/items/${encodeURIComponent(item)}/suggestions?${query}`);
      }
      if (!item && !this.hasAttribute("cart")) return null;
      return this.beside([...this.ids("cart"), ...(item ? [item] : [])], k);
    }

    beside(items, k) {
      const { placement } = this;
      return ask("v1/suggestions", { items, placement, k, exclude: this.ids("exclude"), visitor_id: visitor });
    }

    /** Take an answer in; one that failed hides the box, an empty one keeps its unseen place until it was passed. */
    show(answer) {
      eye.unobserve(this);
      const items = answer && this.items(answer);
      this.shown = items && { request_id: answer.request_id, placement: answer.placement ?? "bought-together", items };
      this.dataset.state = !items ? "failed" : items.length ? "shown" : "empty";
      this.hidden = !items;
      this.shadowRoot.replaceChildren(...(items?.length ? this.body(answer, items) : []));
      if (items) this.watch();
    }
    items(answer) { return answer.suggestions ?? []; }
    watch() { eye.observe(this); }
    looked() {
      eye.unobserve(this);
      viewed(this.shown);
      if (!this.shown.items.length) this.hidden = true;
    }

    get heading() { return this.getAttribute("heading") ?? words[this.shown.placement] ?? ""; }

    body(_, items, cards = items.map((item) => this.card(item, true))) {
      const list = make("ul", "list", "", { role: "list" });
      list.append(...cards);
      return [this.heading && make("h2", "heading", this.heading), list, this.#status];
    }

    /** One item: picture, title, price, reason; with a button of its own, or a part of a box. */
    card(item, alone) {
      const card = make("li", "item");
      const address = web(item.url) || web(link && fill(link, { item_id: encodeURIComponent(item.item_id) }));
      const pieces = item.quantity > 1 ? `${item.quantity} × ` : "";
      const title = make(address ? "a" : "span", "title", pieces + item.title);
      if (address) title.href = address;
      title.addEventListener("click", () => address && tell("click", this.shown, [item]));
      card.append(picture(item), title);
      const price = money([item], this);
      if (price) card.append(make("span", "price", price));
      if (item.reason?.text) card.append(make("p", "reason", item.reason.text));
      const agree = item.requires_consent && make("input", "checkbox", "", { type: "checkbox", checked: false });
      if (agree) {
        const label = make("label", "consent");
        label.append(agree, fill(words.consent, { title: item.title, price: price || "?" }));
        card.append(label);
      }
      card.agree = agree;
      if (!alone) return card;
      const button = this.button(words.add, () => [item]);
      if (agree) {
        button.disabled = true;
        agree.addEventListener("change", () => { button.disabled = !agree.checked; });
      }
      card.append(button);
      return card;
    }

    button(text, items) {
      const button = make("button", "button", text, { type: "button" });
      button.addEventListener("click", () => {
        if (!this.add(items())) return;
        const before = button.textContent;
        button.textContent = words.added;
        setTimeout(() => { if (button.textContent === words.added) button.textContent = before; }, 2 * LOOK);
      });
      return button;
    }

    /** Ask the shop to add; false where its code said no by `preventDefault()`. */
    add(items) {
      const lines = items.map(({ item_id, quantity }) => ({ item_id, quantity }));
      const { request_id, placement } = this.shown;
      const detail = { items: lines, request_id, placement };
      const event = new CustomEvent("goeswith:add", { bubbles: true, composed: true, cancelable: true, detail });
      if (!this.dispatchEvent(event)) return false;
      tell("add", { request_id, placement }, items);
      this.#status.textContent = fill(words.status, { title: items.map((item) => item.title).join(", ") });
      added(lines, this);
      return true;
    }
  }

  class Bundle extends Box {
    answer() {
      const item = this.getAttribute("item");
      return item ? ask(`v1/items/${encodeURIComponent(item)}/bundle`) : null;
    }
    items(answer) { return answer.bundle?.items ?? []; }

    body({ bundle }, items) {
      const cards = items.map((item) => this.card(item, false));
      const chosen = () => items.filter((_, place) => !cards[place].agree || cards[place].agree.checked);
      const total = make("span", "total"), button = this.button("", chosen);
      const count = () => {
        const taken = chosen();
        total.textContent = money(taken, this);
        button.textContent = taken.length > 1 ? fill(words.all, { count: taken.length }) : words.add;
      };
      for (const { agree } of cards) if (agree) agree.addEventListener("change", count);
      count();
      const foot = make("div", "foot");
      foot.append(make("p", "text", bundle.text), total, button);
      return [...super.body(bundle, items, cards), foot];
    }
  }

  class AddOns extends Box {
    get placement() { return this.getAttribute("placement") || "add-on"; }
    refresh() {}
    items(answer) { return answer.suggestions; }

    /** Offer what goes with items that were just added, in a dialog; nothing opens where there is nothing to offer. */
    async open(added) {
      const ids = added.map((line) => line.item_id);
      const answer = await this.beside([...this.ids("cart").filter((id) => !ids.includes(id)), ...ids],
        Number(this.getAttribute("k")) || 3);
      if (answer && this.isConnected && !this.shadowRoot.querySelector("dialog[open]")) this.tryToShow(answer);
    }

    body(answer, items) {
      const dialog = make("dialog", "dialog");
      const close = make("button", "close", words.close, { type: "button", autofocus: true });
      close.addEventListener("click", () => dialog.close());
      dialog.addEventListener("close", () => dialog.remove());
      dialog.append(...super.body(answer, items), close);
      dialog.ariaLabel = this.heading;
      return [dialog];
    }

    watch() {
      this.shadowRoot.querySelector("dialog")?.showModal();
      viewed(this.shown);
    }
  }

  /** Tell that the shop's own button put something into the cart: opens `<goeswith-add-ons>`. */
  function added(items, from) {
    for (const prompt of document.querySelectorAll("goeswith-add-ons")) if (prompt !== from) prompt.open(items);
  }

  window.goeswith = { words, consent, added: (items) => added(items), get visitorId() { return visitor; } };
  customElements.define("goeswith-box", Box);
  customElements.define("goeswith-bundle", Bundle);
  customElements.define("goeswith-add-ons", AddOns);
})();
