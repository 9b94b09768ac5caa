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

  /* Brings a mark into view inside its own box, so that the page itself does not jump. */
  const show = (mark, focus) => {
    document.querySelectorAll("mark.pq-current").forEach((old) => old.classList.remove("pq-current"));
    const box = mark.closest(".pq-text");
    document.querySelectorAll(`mark[data-of~="${CSS.escape(mark.id)}"]`).forEach((piece) => {
      piece.classList.add("pq-current");
    });
    if (box) {
      const offset = mark.getBoundingClientRect().top - box.getBoundingClientRect().top;
      box.scrollTo({ top: box.scrollTop + offset - box.clientHeight / 3, behavior: "auto" });
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

  let wanted = "";
  /* The panel names the mark that it was opened for; a panel that is new, or drawn anew, is brought to it. */
  const settle = () => {
    if (wanted.endsWith(":why") && document.querySelector("#pq-source .pq-why")) {
      wanted = "";
      bring();
    }
    const panel = document.querySelector("#pq-source .pq-source");
    const mark = panel && byId(panel.dataset.current);
    if (!mark) return;
    const pressed = mark.id === "cite-" + wanted.replace(":", "-");
    if (pressed || !mark.classList.contains("pq-current")) show(mark, pressed);
    if (pressed) wanted = "";
  };

  /* A citation of the answer that the panel shows is there already; another one is asked of the server. */
  const cite = (place) => {
    const mark = byId("cite-" + place.replace(":", "-"));
    if (mark) {
      mark.closest(".pq-source").dataset.current = mark.id;
      show(mark, true);
      return;
    }
    wanted = place;
    const field = document.querySelector("#pq-pick textarea, #pq-pick input");
    const proto = field.tagName === "TEXTAREA" ? HTMLTextAreaElement : HTMLInputElement;
    Object.getOwnPropertyDescriptor(proto.prototype, "value").set.call(field, `${place}#${Date.now()}`);
    field.dispatchEvent(new Event("input", { bubbles: true }));
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

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-cite]");
    if (link) {
      event.preventDefault();
      cite(link.dataset.cite);
      return;
    }
    const button = event.target.closest("[data-md]");
    if (button) copy(button);
  });

  /* Gradio builds the page after this runs, and draws parts of it anew, so the whole of it is watched. */
  let due = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(() => {
      settle();
      follow();
    });
  }).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ["data-current"] });

  const chosen = localStorage.getItem("pq-colours");
  if (chosen && chosen !== "System") {
    document.addEventListener("DOMContentLoaded", () => theme(chosen));
    if (document.body) theme(chosen);
  }
  return { theme, save };
})();
