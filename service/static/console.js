/** The merchant's console: a cart answered with every reason, the box of an item, the model that serves, its traffic. */
(() => {
  "use strict";
  const KEY = "goeswith.console.key", LEFT_OUT_SHOWN = 60, SUGGESTED = 8;
  const main = document.getElementById("main"), keyForm = document.getElementById("key");
  const number = new Intl.NumberFormat("en-US"), money = new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const percent = (share) => `${(100 * share).toFixed(1)}%`;
  const amount = (value) => (value === null || value === undefined ? "" : money.format(value));

  /** An element with attributes and children; text is only ever text. */
  function make(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  }

  async function reply(path, body) {
    const key = sessionStorage.getItem(KEY);
    const headers = { ...(body && { "Content-Type": "application/json" }), ...(key && { "X-API-Key": key }) };
    const answer = await fetch(path, { method: body ? "POST" : "GET", headers, body: body && JSON.stringify(body) });
    if (answer.ok) return answer;
    keyForm.hidden = ![401, 403].includes(answer.status);
    const { detail } = await answer.json();
    throw new Error(keyForm.hidden ? detail : key ? "This is not the secret key of this service." : "What the console tells is the merchant's: enter the secret key.");
  }
  const ask = async (path, body) => (await reply(path, body)).json();

  /** A table; columns are `[name, cell of a row, is it a number]`. */
  function table(columns, rows) {
    const kind = (isNumber) => (isNumber ? { class: "n" } : {});
    const head = make("tr", {}, ...columns.map(([name, , isNumber]) => make("th", { scope: "col", ...kind(isNumber) }, name)));
    const lines = rows.map((row) => make("tr", {}, ...columns.map(([, cell, isNumber]) => make("td", kind(isNumber), cell(row) ?? ""))));
    return make("div", { class: "scroll" }, make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines)));
  }

  function facts(pairs) {
    const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== "");
    return make("dl", {}, ...told.flatMap(([name, value]) => [make("dt", {}, name), make("dd", {}, value)]));
  }

  const item = ({ item_id, title }) => {
    const both = document.createDocumentFragment();
    both.append(title || item_id, ...(title && title !== item_id ? [make("small", {}, item_id)] : []));
    return both;
  };

  // ---- choosing items by words of their titles, or by id

  const titles = new Map();

  function chooser(name, onChoice) {
    const list = make("datalist", { id: `${name}-found` });
    const input = make("input", { id: name, list: list.id, autocomplete: "off", placeholder: "words of a title, or an id", maxlength: "200" });
    let asked = 0;
    input.addEventListener("input", async () => {
      const mine = ++asked, words = input.value.trim();
      if (!words) return;
      const found = await ask(`/console/items?k=${SUGGESTED}&q=${encodeURIComponent(words)}`).catch(() => ({ items: [] }));
      for (const { item_id, title } of found.items) titles.set(item_id, title);
      if (mine === asked) list.replaceChildren(...found.items.map((one) => make("option", { value: one.item_id }, one.title)));
    });
    const take = () => {
      if (!input.value.trim()) return;
      onChoice(input.value.trim());
      input.value = "";
    };
    input.addEventListener("change", take);
    return make("label", { class: "wide", for: name }, "Item", input, list);
  }

  const labelled = (text, control) => make("label", {}, text, control);

  // ---- the views

  async function cartView(place) {
    const model = await ask("/v1/model");
    const items = [], chips = make("ul", { class: "chips", "aria-label": "In the cart" }), answer = make("section");
    const placement = make("select", {}, ...model.placements.map((name) => make("option", {}, name)));
    placement.value = "cross-sell";
    const objective = make("select", {}, make("option", { value: "" }, "as the placement says"), ...["probability", "revenue", "profit"].map((name) => make("option", {}, name)));
    const customer = make("input", { maxlength: "256", autocomplete: "off" });
    const count = make("input", { type: "number", min: "1", max: "100", value: "10" });
    const draw = () => {
      chips.replaceChildren(...items.map((id, at) => {
        const chip = make("button", { type: "button", title: id, "aria-label": `Take ${titles.get(id) ?? id} out` }, titles.get(id) ?? id);
        chip.addEventListener("click", () => { items.splice(at, 1); draw(); });
        return make("li", {}, chip);
      }));
    };
    const form = make("form", { class: "ask" },
      chooser("cart-item", (id) => { items.push(id); draw(); }),
      labelled("Placement", placement), labelled("Ordered by", objective), labelled("Customer id", customer), labelled("Places", count), make("button", {}, "Answer"));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const body = { items, placement: placement.value, k: Number(count.value) || 10, trace: true };
      if (objective.value) body.objective = objective.value;
      if (customer.value.trim()) body.customer_id = customer.value.trim();
      answer.replaceChildren(...await answered(body).catch(problem));
    });
    place.replaceChildren(make("h2", {}, "What goes with a cart"), form, chips, answer);
  }

  async function answered(body) {
    const { suggestions, trace, missing_items, fallback, empty_because } = await ask("/v1/suggestions", body);
    const told = [
      missing_items.length ? `Not in the model: ${missing_items.join(", ")}.` : "",
      fallback ? `The cart did not fill every place: the rest are ${fallback} suggestions.` : "",
      empty_because ? `Nothing to suggest: ${empty_because}.` : "",
      trace.rules.length ? `Rules of the policy that apply: ${trace.rules.join(", ")}.` : "",
    ].filter(Boolean);
    const scores = new Map(trace.candidates.map((candidate) => [candidate.item_id, candidate.contributions]));
    const shown = table([
      ["", (row) => String(suggestions.indexOf(row) + 1), true], ["item", item],
      ["price", (row) => amount(row.price), true], ["chance", (row) => (row.probability === null ? "" : percent(row.probability)), true],
      ["earns", (row) => amount(row.expected_profit), true], ["kind", (row) => row.reason.kind],
      ["why", (row) => why(row.reason.text, scores.get(row.item_id))],
    ], suggestions);
    const left = trace.candidates.filter((candidate) => candidate.place === null);
    const more = left.length + trace.candidates_left_out - Math.min(left.length, LEFT_OUT_SHOWN);
    const passed = table([
      ["item", item], ["source", (row) => row.source], ["rank", (row) => (row.rank === null ? "" : String(row.rank)), true],
      ["chance", (row) => (row.probability === null ? "" : percent(row.probability)), true],
      ["left out", (row) => why(row.removed_by ?? "", row.contributions)], ["moved by", (row) => row.moved_by.join(", ")], ["dry run", (row) => row.dry_run.join(", ")],
    ], left.slice(0, LEFT_OUT_SHOWN));
    return [
      make("h2", {}, "Shown"), ...told.map((line) => make("p", {}, line)), ...(suggestions.length ? [shown] : []),
      ...(left.length ? [make("h2", {}, "Not shown, and why"), passed] : []),
      ...(more > 0 ? [make("p", { class: "soft" }, `and ${number.format(more)} more candidates`)] : []),
    ];
  }

  /** A sentence, and what each signal added to the score, the largest first. */
  function why(text, contributions) {
    const told = make("span", {}, text);
    if (!contributions) return told;
    const parts = Object.entries(contributions).filter(([, value]) => Math.abs(value) >= 0.005).sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
    const most = Math.max(...parts.map(([, value]) => Math.abs(value)), 0);
    const bar = (value) => {
      const drawn = make("span", { class: value < 0 ? "bar minus" : "bar" });
      drawn.style.width = `${(7 * Math.abs(value)) / most}rem`;
      return drawn;
    };
    const rows = table([["signal", ([name]) => name], ["adds to the score", ([, value]) => value.toFixed(2), true], ["", ([, value]) => bar(value)]], parts);
    const both = document.createDocumentFragment();
    both.append(told, make("details", {}, make("summary", {}, "score"), rows));
    return both;
  }

  async function boxView(place) {
    const box = make("section");
    const form = make("form", { class: "ask" }, chooser("box-item", async (id) => box.replaceChildren(...await boxOf(id).catch(problem))));
    form.addEventListener("submit", (event) => event.preventDefault());
    place.replaceChildren(make("h2", {}, "The box under a product"), form, box);
  }

  async function boxOf(id) {
    const { bundle, empty_because } = await ask(`/v1/items/${encodeURIComponent(id)}/bundle`);
    if (!bundle) return [make("p", {}, `No box: ${empty_because}.`)];
    const columns = [["item", item], ["pieces", (row) => String(row.quantity), true], ["price", (row) => amount(row.price), true], ["why", (row) => row.reason?.text ?? ""]];
    return [
      make("h2", {}, bundle.text), table(columns, bundle.items),
      make("p", { class: "soft" }, `${bundle.price === null ? "a price is unknown" : `${amount(bundle.price)} for all`}${bundle.available === null ? "" : `, ${number.format(bundle.available)} in stock`}; id ${bundle.bundle_id}`),
    ];
  }

  async function modelView(place) {
    const model = await ask("/v1/model"), { metrics, counts, window: days, policy, catalog } = model;
    const day = (time) => (time ? time.slice(0, 10) : "");
    const measured = (name, start) => metrics[`${start}hr10`] === undefined ? null : [name,
      `${percent(metrics[`${start}hr10`])} (${percent(metrics[`${start}hr10_low`])} to ${percent(metrics[`${start}hr10_high`])}), bestsellers ${percent(metrics[`${start}bestsellers_hr10`])}; `
      + `${number.format(metrics[`${start}hits`])} hits where the probabilities expect ${number.format(Math.round(metrics[`${start}expected_hits`]))}; ${number.format(metrics[`${start}carts`])} carts`];
    place.replaceChildren(
      make("h2", {}, "The model that serves"),
      facts([["model", model.model_id], ["version", model.version], ["serves since", model.loaded_at], ["orders from", `${day(days.first)} to ${day(days.last)}`]]),
      make("h2", {}, "Back-test: the hidden item among ten places"),
      facts([measured("carts", ""), measured("customers' home pages", "home_")].filter(Boolean)),
      make("h2", {}, "Counts"), facts(Object.entries(counts).map(([name, value]) => [name.replaceAll("_", " "), number.format(value)])),
      make("h2", {}, "Policy and catalogue"),
      facts([
        ["policy", policy ? `${policy.policy_id}, of ${policy.modified_at}` : "none"], ...(policy?.remarks ?? []).map((remark) => ["remark", remark]),
        ["catalogue file", catalog ? `${catalog.generation}, of ${catalog.modified_at}` : "none: prices and stock are the model's"],
        ...model.notes.map((note) => ["note", note]),
      ]),
    );
  }

  /** The samples of a page for Prometheus: `[name, labels, value]`. */
  function samples(text) {
    return text.split("\n").filter((line) => line && !line.startsWith("#")).map((line) => {
      const [, name, labels, value] = line.match(/^(\w+)(?:\{(.*)\})? (\S+)/) ?? [];
      return [name, Object.fromEntries([...(labels ?? "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, told]) => [key, told])), Number(value)];
    });
  }

  async function trafficView(place) {
    const every = samples(await (await reply("/metrics")).text());
    const sums = (name, label) => every.filter(([of]) => of === name).reduce((found, [, labels, value]) => found.set(labels[label], (found.get(labels[label]) ?? 0) + value), new Map());
    const answers = sums("goeswith_engine_seconds_count", "placement"), seconds = sums("goeswith_engine_seconds_sum", "placement");
    const fallbacks = sums("goeswith_fallback_answers_total", "placement"), empty = sums("goeswith_empty_answers_total", "placement");
    const statuses = sums("goeswith_requests_total", "status"), events = sums("goeswith_events_total", "type"), lost = sums("goeswith_events_not_kept_total", "type");
    const share = (counts) => ([name, all]) => percent((counts.get(name) ?? 0) / all);
    const counted = (what, counts) => table([[what, ([name]) => name], ["count", ([, value]) => number.format(value), true]], [...counts].sort());
    place.replaceChildren(
      make("h2", {}, "Answers since the service started"),
      answers.size ? table([
        ["placement", ([name]) => name], ["answers", ([, all]) => number.format(all), true], ["mean time", ([name, all]) => `${((1000 * seconds.get(name)) / all).toFixed(2)} ms`, true],
        ["filled up", share(fallbacks), true], ["empty", share(empty), true],
      ], [...answers].sort()) : make("p", {}, "No cart was asked yet."),
      make("h2", {}, "Requests by status"), counted("status", statuses),
      ...(events.size ? [make("h2", {}, "Events kept"), counted("type", events)] : []),
      ...(lost.size ? [make("h2", {}, "Events that could not be kept"), counted("type", lost)] : []),
      make("p", { class: "soft" }, "What suggestions add is judged by goeswith report, from these events."),
    );
  }

  // ---- which view

  const VIEWS = { cart: cartView, box: boxView, model: modelView, traffic: trafficView };
  const problem = (error) => [make("p", { class: "problem", role: "alert" }, error.message)];

  async function show() {
    const name = VIEWS[location.hash.slice(1)] ? location.hash.slice(1) : "cart";
    for (const link of document.querySelectorAll("nav a")) {
      if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    const place = make("div");
    await VIEWS[name](place).catch((error) => place.replaceChildren(...problem(error)));
    main.replaceChildren(place);
  }

  keyForm.addEventListener("submit", (event) => {
    event.preventDefault();
    sessionStorage.setItem(KEY, document.getElementById("secret").value);
    keyForm.hidden = true;
    show();
  });
  addEventListener("hashchange", show);
  show();
})();
