/** The demo storefront: four views over the service's own routes, a cart in localStorage, goeswith's boxes among them. */
(() => {
  "use strict";
  const CART = "goeswith.shop.cart", CONSENT = "goeswith.shop.consent", SHOWN = 24;
  const key = document.querySelector("script[data-key]").dataset.key;
  const main = document.getElementById("main");
  const prompt = document.querySelector("goeswith-add-ons");
  const asked = new URLSearchParams(location.search);
  const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
  const price = (amount) => (amount === null ? "No price" : dollars.format(amount));

  /** An element with attributes and children; text is only ever text. */
  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  async function ask(path, body) {
    const headers = { "Content-Type": "application/json", ...(key && { "X-API-Key": key }) };
    const reply = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    if (!reply.ok) throw new Error((await reply.json()).detail);
    return reply.json();
  }
  const itemOf = (id) => ask(`/shop/items/${encodeURIComponent(id)}`);

  // ---- the cart: pieces by item id

  function readCart() {
    try {
      return new Map(JSON.parse(localStorage.getItem(CART) ?? "[]"));
    } catch {
      return new Map();
    }
  }

  function writeCart(cart) {
    localStorage.setItem(CART, JSON.stringify([...cart]));
    tellCart();
  }

  function put(items) {
    const cart = readCart();
    for (const { item_id, quantity } of items) cart.set(item_id, Math.min(99, (cart.get(item_id) ?? 0) + quantity));
    writeCart(cart);
  }

  function tellCart() {
    const cart = readCart();
    document.getElementById("pieces").textContent = [...cart.values()].reduce((sum, pieces) => sum + pieces, 0);
    prompt.setAttribute("cart", JSON.stringify([...cart.keys()]));
  }

  // ---- parts of pages

  function picture(item) {
    const place = make("span", { class: "picture", "aria-hidden": "true" });
    let hue = 0;
    for (const letter of item.title) hue = (hue * 31 + letter.codePointAt(0)) % 360;
    place.style.setProperty("--hue", hue);
    const words = item.title.match(/\p{L}+/gu) ?? [];
    const initials = words.slice(0, 2).map((word) => [...word][0]).join("");
    if (!/^https:/.test(item.image_url ?? "")) place.append(initials);
    else {
      const image = make("img", { src: item.image_url, alt: "", loading: "lazy" });
      image.addEventListener("error", () => image.replaceWith(initials));
      place.append(image);
    }
    return place;
  }

  function tile(item) {
    const page = make("a", { href: `/shop/?item=${encodeURIComponent(item.item_id)}` }, item.title);
    const lines = [picture(item), page, make("span", { class: "price" }, price(item.price))];
    if (item.reason?.text) lines.push(make("span", { class: "quiet" }, item.reason.text));
    return make("li", {}, ...lines);
  }

  const grid = (items) => make("ul", { class: "grid", role: "list" }, ...items.map(tile));
  const box = (name, attributes) => make(name, attributes);

  // ---- views

  async function home() {
    const answer = await ask("/v1/suggestions", { items: [], k: SHOWN });
    return [make("h1", {}, "What the shop sells most"), grid(answer.suggestions)];
  }

  async function found(words) {
    document.getElementById("q").value = words;
    const { items } = await ask(`/shop/items?${new URLSearchParams({ q: words, k: SHOWN })}`);
    const told = items.length ? `“${words}”` : `Nothing is called “${words}”`;
    return [make("h1", {}, told), items.length ? grid(items) : make("p", { class: "note" }, "Try one word of a title.")];
  }

  async function product(id) {
    const item = await itemOf(id);
    document.title = `${item.title} · goeswith`;
    const pieces = make("input", { type: "number", min: 1, max: 99, value: 1, "aria-label": "Pieces" });
    const button = make("button", { class: "main" }, item.available ? "Add to cart" : "Not for sale today");
    button.disabled = !item.available;
    button.addEventListener("click", () => {
      const added = [{ item_id: id, quantity: Math.max(1, Math.min(99, Math.trunc(pieces.valueAsNumber) || 1)) }];
      put(added);
      goeswith.added(added);
    });
    const told = make("div", {}, make("p", { class: "quiet" }, item.category.join(" › ")), make("h1", {}, item.title),
      make("p", { class: "amount" }, price(item.price)), make("div", { class: "buy" }, pieces, button));
    return [
      make("article", { class: "product" }, picture(item), told),
      box("goeswith-bundle", { item: id }),
      box("goeswith-box", { item: id, placement: "upsell", k: 4, heading: "Or a step up" }),
    ];
  }

  async function cart() {
    const lines = [...readCart()];
    document.title = "Cart · goeswith";
    prompt.remove();
    if (!lines.length) {
      return [make("h1", {}, "Your cart is empty"), box("goeswith-box", { cart: "", k: 6, heading: "What others take" })];
    }
    const items = (await Promise.all(lines.map(([id]) => itemOf(id).catch(() => null)))).filter(Boolean);
    const pieces = new Map(lines);
    const total = items.reduce((sum, item) => sum + (item.price ?? 0) * pieces.get(item.item_id), 0);
    const list = make("ul", { class: "lines", role: "list" }, ...items.map((item) => line(item, pieces.get(item.item_id))));
    const ids = JSON.stringify(lines.map(([id]) => id));
    return [make("h1", {}, "Your cart"), list, make("p", { class: "sum" }, "Total ", make("b", {}, price(total))),
      box("goeswith-box", { cart: ids, placement: "cross-sell", k: 6 })];
  }

  function line(item, pieces) {
    const count = make("input", { type: "number", min: 0, max: 99, value: pieces, "aria-label": `Pieces of ${item.title}` });
    const gone = make("button", { class: "plain", "aria-label": `Remove ${item.title}` }, "Remove");
    const change = (now) => {
      const cart = readCart();
      if (now > 0) cart.set(item.item_id, Math.min(99, now));
      else cart.delete(item.item_id);
      writeCart(cart);
      show();
    };
    count.addEventListener("change", () => change(Math.trunc(count.valueAsNumber) || 0));
    gone.addEventListener("click", () => change(0));
    const title = make("a", { href: `/shop/?item=${encodeURIComponent(item.item_id)}` }, item.title);
    const sum = make("span", { class: "price" }, item.price === null ? price(null) : price(item.price * pieces));
    return make("li", {}, picture(item), title, count, sum, gone);
  }

  async function show() {
    const view = asked.has("cart") ? cart() : asked.get("item") ? product(asked.get("item"))
      : asked.get("q")?.trim() ? found(asked.get("q").trim()) : home();
    try {
      main.replaceChildren(...(await view));
    } catch (error) {
      main.replaceChildren(make("h1", {}, "That did not work"), make("p", { class: "note" }, error.message));
    }
  }

  // ---- what the boxes ask for, and what the visitor allows

  document.addEventListener("goeswith:add", (event) => {
    put(event.detail.items);
    if (asked.has("cart")) show();
  });

  const remember = document.getElementById("remember");
  remember.checked = localStorage.getItem(CONSENT) === "granted";
  remember.disabled = Boolean(navigator.globalPrivacyControl);
  goeswith.consent(remember.checked);
  remember.addEventListener("change", () => {
    if (remember.checked) localStorage.setItem(CONSENT, "granted");
    else localStorage.removeItem(CONSENT);
    goeswith.consent(remember.checked);
  });

  tellCart();
  show();
})();
