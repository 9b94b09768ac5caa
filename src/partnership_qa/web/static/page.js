/* What the page does in the browser: open the source at a quote, copy, save, and keep the chosen colours. */
"use strict";
window.pq = (() => {
  const byId = (id) => document.getElementById(id);

  /* On a phone the panel stands below the chat. */
  const bring = () => {
    const panel = byId("pq-source");
    const place = panel.getBoundingClientRect();
    if (place.top >= window.innerHeight * 0.6 || place.bottom <= 0) {
      panel.scrollIntoView({ block: "start", behavior: "auto" });
    }
  };

  /* The pages of a document: which one is shown, how large, and whether they or its text are to be seen. */
  const ZOOMS = [1, 1.5, 2, 3];
  let zoom = matchMedia("(max-width: 800px)").matches ? 1 : 0; // a whole page is too small to be read on a phone
  let view = "page";
  const sheet = () => document.querySelector("#pq-source .pq-pages");

  const turnTo = (pages, number) => {
    const total = Number(pages.dataset.count);
    const page = Math.min(total, Math.max(1, number));
    const img = pages.querySelector("img");
    const { address: where, fit, sharp } = pages.dataset;
    const shown = pages.clientWidth * ZOOMS[zoom] * window.devicePixelRatio; // pixels of the screen
    const address = `${where}/${page}-${shown > Number(fit) ? sharp : fit}.png`;
    pages.dataset.page = page;
    if (img.getAttribute("src") !== address) {
      if (!img.getAttribute("src").includes(`/${page}-`)) img.classList.add("pq-coming");
      pages.querySelector(".pq-failed").hidden = true;
      img.src = address;
      img.alt = `Page ${page} of ${pages.dataset.name}`;
    }
    pages.querySelectorAll(".pq-boxes").forEach((layer) => { layer.hidden = Number(layer.dataset.page) !== page; });
    const source = pages.closest(".pq-source");
    source.querySelector(".pq-at").textContent = `${page.toLocaleString("en")} of ${total.toLocaleString("en")}`;
    source.querySelector("[data-turn='-1']").disabled = page === 1;
    source.querySelector("[data-turn='1']").disabled = page === total;
    const lost = source.dataset.current && pages.querySelector(
      `.pq-boxes[data-page="${page}"] [data-unsure][data-of="${CSS.escape(source.dataset.current)}"]`);
    pages.querySelector(".pq-unsure").hidden = !lost;
  };

  /* Scrolls a box of the page into the middle of the panel; the page itself does not jump. */
  const center = (pages, box) => {
    if (!box) return;
    const at = box.getBoundingClientRect();
    const frame = pages.getBoundingClientRect();
    /* All lines of the quote that stand near the box, as far as they fit; where they do not, where they begin. */
    const beside = [...box.parentElement.querySelectorAll(".pq-box.pq-current")].map((one) => one.getBoundingClientRect())
      .filter((one) => Math.abs(one.top - at.top) < pages.clientHeight / 2);
    const left = Math.min(at.left, ...beside.map((one) => one.left));
    const right = Math.max(at.right, ...beside.map((one) => one.right));
    pages.scrollTo({
      top: pages.scrollTop + at.top - frame.top - pages.clientHeight / 3,
      left: pages.scrollLeft + left - frame.left - Math.max(12, (pages.clientWidth - (right - left)) / 2),
      behavior: "auto",
    });
  };
  const currentBox = (pages) => pages.querySelector(".pq-boxes:not([hidden]) .pq-box.pq-current");

  /* Shows a page at the box that is looked at, or from its top. */
  const openAt = (pages, number) => {
    turnTo(pages, number);
    if (!currentBox(pages)) pages.scrollTo({ top: 0, behavior: "auto" });
    center(pages, currentBox(pages));
  };

  const enlarge = (pages, step) => {
    zoom = Math.min(ZOOMS.length - 1, Math.max(0, zoom + step));
    pages.style.setProperty("--pq-zoom", ZOOMS[zoom]);
    const source = pages.closest(".pq-source");
    source.querySelector("[data-zoom='-1']").disabled = zoom === 0;
    source.querySelector("[data-zoom='1']").disabled = zoom === ZOOMS.length - 1;
    turnTo(pages, Number(pages.dataset.page));
    center(pages, currentBox(pages));
  };

  /* Opens the page on which a mark begins and brings its box into view. */
  const reveal = (pages, id, focus) => {
    const name = CSS.escape(id);
    pages.querySelectorAll(".pq-box.pq-current").forEach((old) => old.classList.remove("pq-current"));
    const boxes = pages.querySelectorAll(`[data-of="${name}"]`);
    boxes.forEach((box) => box.classList.add("pq-current"));
    if (boxes.length) openAt(pages, Number(boxes[0].parentElement.dataset.page));
    if (focus) {
      (currentBox(pages) || pages).focus({ preventScroll: true });
      bring();
    }
  };

  const look = (source, wanted) => {
    source.dataset.view = view = wanted;
    source.querySelectorAll(".pq-views [data-view]").forEach((button) => {
      button.setAttribute("aria-pressed", String(button.dataset.view === wanted));
    });
    const mark = byId(source.dataset.current);
    if (mark) show(mark, false);
  };

  /* A table that is larger than its room is moved, until the cell of the answer can be read beside and below its names. */
  const within = (table, quoted) => {
    if (!table || (table.scrollWidth <= table.clientWidth && table.scrollHeight <= table.clientHeight)) return;
    const cells = [...table.querySelectorAll(quoted)].map((mark) => mark.closest("td, th"));
    const said = cells.filter((cell) => cell.querySelector("mark.pq-answer, mark.pq-candidate"));
    const cell = (said.length ? said : cells)[0];
    if (!cell) return;
    const stays = (one) => one && one !== cell && getComputedStyle(one).position === "sticky";
    const first = cell.parentElement.cells[0];
    const names = table.querySelector("th[scope=col]");
    const frame = table.getBoundingClientRect();
    const at = cell.getBoundingClientRect();
    const left = frame.left + (stays(first) ? parseFloat(getComputedStyle(first).left) + first.offsetWidth : 0);
    const top = frame.top + (stays(names) ? names.offsetHeight : 0);
    const middle = (start, end, size) => start + Math.max(0, (end - start - size) / 2);
    if (at.left < left || at.right > frame.right) table.scrollLeft += at.left - middle(left, frame.right, at.width);
    if (at.top < top || at.bottom > frame.bottom) table.scrollTop += at.top - middle(top, frame.bottom, at.height);
  };

  /* Brings a mark into view inside its own box, so that the page itself does not jump. */
  const show = (mark, focus) => {
    document.querySelectorAll("mark.pq-current").forEach((old) => old.classList.remove("pq-current"));
    const box = mark.closest(".pq-text");
    const pages = box && box.closest(".pq-source[data-view=page]") && sheet();
    document.querySelectorAll(`mark[data-of~="${CSS.escape(mark.id)}"]`).forEach((piece) => {
      piece.classList.add("pq-current");
    });
    if (pages) {
      reveal(pages, mark.id, focus);
      return;
    }
    if (box) {
      const table = mark.closest(".pq-table");
      within(table, `mark[data-of~="${CSS.escape(mark.id)}"]`);
      const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      /* Of a table that is moved by itself the whole is brought into the room. */
      const above = table ? table.getBoundingClientRect().bottom - box.getBoundingClientRect().bottom : 0;
      const whole = table && table.scrollHeight > table.clientHeight;
      box.scrollTo({ top: box.scrollTop + (whole ? above + 20 : offset - box.clientHeight / 3), behavior: "auto" });
    }
    if (focus) {
      mark.focus({ preventScroll: true });
      bring();
    }
  };

  /* A new question goes to the top of the conversation, so that its answer is read from its first line. */
  let state = "";
  let until = 0;
  const follow = () => {
    const asked = document.querySelectorAll("#pq-chat .pq-question");
    const last = asked[asked.length - 1];
    const box = last && last.closest("[role=log]");
    const now = `${asked.length} ${document.querySelector("#pq-chat .pq-waiting") ? "waiting" : "there"}`;
    if (now !== state) {
      state = now;
      until = Date.now() + 800; // a card comes in pieces
    }
    if (box && Date.now() < until) {
      box.scrollTop += last.getBoundingClientRect().top - box.getBoundingClientRect().top - 8;
    }
  };

  /* Whoever presses or scrolls goes where they want to: what moved under a press would not be pressed. */
  for (const kind of ["pointerdown", "wheel", "touchstart", "keydown"]) {
    document.addEventListener(kind, () => { until = 0; }, { capture: true, passive: true });
  }

  let wanted = "";
  /* The panel names the mark that it was opened for; a panel that is new, or drawn anew, is brought to it. */
  const settle = () => {
    if (wanted.startsWith("doc:") && document.querySelector("#pq-source .pq-source:not([data-current])")) {
      wanted = "";
      bring();
    }
    if (wanted.endsWith(":why") && document.querySelector("#pq-source .pq-why")) {
      wanted = "";
      bring();
    }
    const panel = document.querySelector("#pq-source .pq-source");
    const pages = panel && sheet();
    if (pages && !pages.dataset.settled) {
      pages.dataset.settled = "yes";
      if (view === "text") look(panel, view);
      enlarge(pages, 0);
    }
    document.querySelectorAll("#pq-chat .pq-card .pq-table:not([data-settled])").forEach((table) => {
      table.dataset.settled = "yes";
      within(table, "mark");
    });
    const mark = panel && byId(panel.dataset.current);
    if (!mark) return;
    const pressed = mark.id === "cite-" + wanted.replace(":", "-");
    if (pressed || !mark.classList.contains("pq-current")) show(mark, pressed);
    if (pressed) wanted = "";
  };

  /* A citation of the answer that the panel shows is there already; another one is asked of the server. */
  const cite = (place) => {
    if (place.startsWith("doc:")) {
      const tabs = [...document.querySelectorAll("button[role=tab]")];
      tabs.find((one) => one.textContent.trim() === "Ask").click();
      wanted = place;
      put("pq-pick", `${place}#${Date.now()}`);
      return;
    }
    const mark = byId("cite-" + place.replace(":", "-"));
    if (mark) {
      mark.closest(".pq-source").dataset.current = mark.id;
      show(mark, true);
      return;
    }
    wanted = place;
    put("pq-pick", `${place}#${Date.now()}`);
  };

  /* Types into one of the hidden fields by which this script speaks to the server. */
  const put = (id, value) => {
    const field = document.querySelector(`#${id} textarea, #${id} input`);
    const proto = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(proto.prototype, "value").set.call(field, value);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };

  /* A card that is drawn anew takes the focus with it, so that the keyboard goes on from where it was. */
  let refocus = "";
  const hold = () => {
    const again = refocus && document.querySelector(refocus);
    if (!again || document.activeElement === again) return;
    if (document.activeElement === document.body) again.focus({ preventScroll: true });
  };

  const judge = (place, rating, note) => {
    put("pq-rate", JSON.stringify({ place, rating, note, at: Date.now() }));
  };
  const rate = (button) => {
    const [place, rating] = button.dataset.rate.split(":");
    refocus = `[data-rate="${button.dataset.rate}"]`;
    judge(place, rating);
  };
  const keep = (field) => {
    const [place, rating] = field.dataset.note.split(":");
    refocus = `[data-note^="${place}:"]`;
    judge(place, rating, field.value);
  };

  const box = () => document.querySelector("#pq-question textarea");
  const act = (what) => {
    byId(`pq-${what}`).click();
    box().focus();
  };

  /* A question that is edited goes into the box; it and its answer stay until the new one is asked. */
  const editing = (place, words = "") => {
    put("pq-edited", place);
    byId("pq-talk").classList.toggle("pq-edits-one", place !== "");
    put("pq-question", words);
    box().focus();
  };

  const edited = () => {
    if (byId("pq-talk").classList.contains("pq-edits-one") && box().value.trim()) {
      setTimeout(() => {
        put("pq-edited", "");
        byId("pq-talk").classList.remove("pq-edits-one");
      }, 300); // what it was has been sent by then
    }
  };

  /* The address carries the last question that was asked, so that it can be kept and sent. */
  let carried = null;
  const carry = () => {
    const asked = document.querySelectorAll("#pq-chat .pq-question");
    const words = asked.length ? asked[asked.length - 1].textContent : "";
    if (words === carried || (carried === null && !words)) return;
    carried = words;
    const address = new URL(window.location.href);
    if (words) address.searchParams.set("q", words);
    else address.searchParams.delete("q");
    window.history.replaceState(window.history.state, "", address);
  };

  /* What was chosen for this page is chosen again when it is loaded again. */
  const collection = (name) => {
    const address = new URL(window.location.href);
    address.searchParams.set("collection", name);
    window.history.replaceState(window.history.state, "", address);
  };

  /* While another collection is opened, nothing is asked of the one before. */
  const opening = (name) => {
    const ask = byId("pq-ask");
    ask.inert = name !== "";
    const told = document.querySelector(".pq-opening");
    told.textContent = name && `Opening ${name} …`;
    told.hidden = !name;
  };

  /* Another tab, or another program, may have changed the texts since this page was drawn. */
  const lookUp = async () => {
    const head = document.querySelector(".pq-head");
    if (!head || document.hidden) return;
    try {
      const chosen = new URL(window.location.href).searchParams.get("collection") || "";
      const answer = await fetch(`pq-now?collection=${encodeURIComponent(chosen)}`, { cache: "no-store" });
      const now = answer.ok ? await answer.text() : "";
      const line = document.querySelector(".pq-stale");
      if (now && line) line.hidden = now === document.querySelector(".pq-head").dataset.generation;
    } catch { /* the page says so itself once something is asked */ }
  };
  setInterval(lookUp, 20000);
  document.addEventListener("visibilitychange", lookUp);
  window.addEventListener("focus", lookUp);

  /* Back from the source to the card whose number was pressed, or to the last one. */
  let cameFrom = "";
  const back = () => {
    const card = document.querySelector(`#pq-chat article[data-turn="${cameFrom}"]`);
    const target = card || byId("pq-talk");
    target.scrollIntoView({ block: "start", behavior: "auto" });
    const link = card && card.querySelector(".pq-n, .pq-addr");
    if (link) link.focus({ preventScroll: true });
  };

  /* How long the question has been at work; counted here, because the answer alone is worth a message. */
  let since = 0;
  let ticking = 0;
  const tick = () => {
    const clock = document.querySelector(".pq-clock");
    if (!clock) {
      clearInterval(ticking);
      since = ticking = 0;
      return;
    }
    since = since || Date.now();
    ticking = ticking || setInterval(tick, 100);
    const words = `${((Date.now() - since) / 1000).toFixed(1)} s`;
    if (clock.textContent !== words) clock.textContent = words;
  };

  const copy = async (button) => {
    const text = button.dataset.md;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      const area = document.createElement("textarea");
      area.value = text;
      document.body.append(area);
      area.select();
      document.execCommand("copy");
      area.remove();
    }
    const label = button.textContent;
    button.textContent = "Copied";
    setTimeout(() => { button.textContent = label; }, 1500);
  };

  const save = (name, text) => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  };

  const theme = (choice) => {
    const dark = choice === "Dark" || (choice === "System" && matchMedia("(prefers-color-scheme: dark)").matches);
    document.body.classList.toggle("dark", dark);
    localStorage.setItem("pq-colours", choice);
  };

  /* What a button came to is told below it, which may be beyond the edge of the window. */
  const TOLD = { "Build the index": "pq-report", "Replace them": "pq-report" };
  const follows = (button) => {
    const told = button && byId(TOLD[button.textContent.trim()]);
    if (told) setTimeout(() => told.scrollIntoView({ block: "nearest", behavior: "auto" }), 250);
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("#pq-question .submit-button")) edited();
    follows(event.target.closest("#pq-documents button"));
    const link = event.target.closest("[data-cite]");
    if (link) {
      event.preventDefault();
      cameFrom = link.dataset.cite.split(":")[0];
      cite(link.dataset.cite);
      return;
    }
    const pressed = (name) => event.target.closest(`button[data-${name}]`);
    if (pressed("view")) look(pressed("view").closest(".pq-source"), pressed("view").dataset.view);
    if (pressed("turn")) openAt(sheet(), Number(sheet().dataset.page) + Number(pressed("turn").dataset.turn));
    if (pressed("zoom")) enlarge(sheet(), Number(pressed("zoom").dataset.zoom));
    if (pressed("md")) copy(pressed("md"));
    if (pressed("do")) act(pressed("do").dataset.do);
    if (pressed("edit")) editing(pressed("edit").dataset.edit, pressed("edit").dataset.words);
    if (pressed("again")) put("pq-again", `${pressed("again").dataset.again}#${Date.now()}`);
    if (pressed("stop-edit")) editing("");
    if (pressed("reload")) window.location.reload();
    if (pressed("back")) back();
    if (pressed("close-why")) {
      put("pq-pick", `${pressed("close-why").dataset.closeWhy}:#${Date.now()}`);
      back();
    }
    if (pressed("rate")) rate(pressed("rate"));
    if (pressed("keep")) keep(document.querySelector(`[data-note^="${pressed("keep").dataset.keep}:"]`));
  });

  /* A picture that has come gives the page its height, and its boxes their places. */
  const arrived = (event) => {
    const pages = event.target.closest && event.target.closest(".pq-pages");
    if (!pages) return;
    event.target.classList.remove("pq-coming");
    pages.querySelector(".pq-failed").hidden = event.type !== "error";
    center(pages, currentBox(pages));
  };
  document.addEventListener("load", arrived, true);
  document.addEventListener("error", arrived, true);

  /* Enter keeps a note; in the box of the question, the arrow up takes the last one back, and Escape stops. */
  document.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter" && event.target.matches("[data-note]")) keep(event.target);
    if (event.target !== box()) return;
    if (event.key === "Enter" && !event.shiftKey) edited();
    const edit = [...document.querySelectorAll("#pq-chat [data-edit]")].pop();
    if (event.key === "ArrowUp" && event.target.value === "" && edit) {
      event.preventDefault();
      edit.click();
    }
    if (event.key === "Escape" && byId("pq-talk").classList.contains("pq-edits-one")) editing("");
    if (event.key === "Escape") document.querySelector("#pq-question .stop-button")?.click();
  });

  /* Gradio builds the page after this runs, and draws parts of it anew, so the whole of it is watched. */
  let due = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => {
      settle();
      follow();
      hold();
      tick();
      carry();
    });
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-current"] });

  const chosen = localStorage.getItem("pq-colours");
  if (chosen && chosen !== "System") {
    document.addEventListener("DOMContentLoaded", () => theme(chosen));
    if (document.body) theme(chosen);
  }
  return { theme, save, put, collection, opening };
})();
