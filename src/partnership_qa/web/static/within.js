/* Ask within: ticks of the tree become a list of folders and names, and the list that the server keeps ticks the tree. */
"use strict";
(() => {
  const tree = () => document.querySelector("#pq-tree .pq-tree");
  const boxes = (inside) => [...inside.querySelectorAll("[data-within]")];
  const boxOf = (item) => item.querySelector(":scope > label > [data-within]");
  const below = (item) => [...item.querySelectorAll(":scope > ul > li")];
  const picked = () => [...document.querySelectorAll("#pq-within [data-picked]")].map((one) => one.dataset.picked);

  const send = (documents) => window.pq.put("pq-within-pick", JSON.stringify({ documents, at: Date.now() }));

  /* A folder is ticked when all in it is, and half ticked when some is; one whose files are not listed only loses its tick. */
  const settleUp = (item) => {
    const inner = below(item);
    const box = boxOf(item);
    if (!box || !inner.length) return;
    const states = inner.map(boxOf);
    const all = states.every((one) => one.checked);
    box.checked = item.querySelector(":scope > ul").dataset.partial ? box.checked && all : all;
    box.indeterminate = !box.checked && states.some((one) => one.checked || one.indeterminate);
  };
  const settleAll = () => [...tree().querySelectorAll("li")].reverse().forEach(settleUp);

  /* The shortest list: a folder that is ticked stands for all in it. */
  const chosen = (items) => items.flatMap((item) => {
    const box = boxOf(item);
    return box.checked ? [box.dataset.within] : chosen(below(item));
  });
  const roots = () => [...tree().querySelectorAll(".pq-branches > ul > li")];

  /* Patterns that were typed have no box, and stay beside what is ticked. */
  const known = () => new Set(boxes(tree()).map((box) => box.dataset.within));
  const typed = () => picked().filter((one) => !known().has(one));

  const tick = (box) => {
    boxes(box.closest("li")).forEach((one) => { one.checked = box.checked; one.indeterminate = false; });
    settleAll();
    send([...chosen(roots()), ...typed()]);
  };

  /* The tree shows what the server keeps: after a choice, a new conversation, or another index. */
  let shown = "";
  let asked = 0;
  const sync = () => {
    if (!tree()) return;
    const count = document.querySelectorAll("#pq-chat .pq-question").length;
    if (count > asked) open(false, false); // the answer needs the room
    asked = count;
    const list = picked();
    const now = JSON.stringify([list, boxes(tree()).length]);
    if (now === shown && tree().dataset.synced) return;
    shown = now;
    tree().dataset.synced = "yes";
    const wanted = new Set(list);
    boxes(tree()).forEach((box) => { box.checked = false; box.indeterminate = false; });
    boxes(tree()).filter((box) => wanted.has(box.dataset.within)).forEach((box) => {
      boxes(box.closest("li")).forEach((one) => { one.checked = true; });
    });
    settleAll();
    const opener = document.querySelector("[data-open-within]");
    const isOpen = document.getElementById("pq-talk").classList.contains("pq-choosing");
    if (opener) opener.setAttribute("aria-expanded", String(isOpen));
  };

  const find = (words) => {
    const wanted = words.trim().toLowerCase();
    const fits = (item) => {
      const inner = below(item).map(fits).some(Boolean);
      const own = item.dataset.find.toLowerCase().includes(wanted);
      item.hidden = !(own || inner);
      const fold = item.querySelector(":scope > .pq-fold");
      if (fold) fold.setAttribute("aria-expanded", String(wanted !== "" && inner));
      return own || inner;
    };
    const any = roots().map(fits).some(Boolean);
    tree().querySelector(".pq-none").hidden = any;
  };

  const take = () => {
    const field = tree().querySelector("[data-find-within]");
    const pattern = field.value.trim();
    if (!pattern) return;
    field.value = "";
    find("");
    send([...picked().filter((one) => one !== pattern), pattern]);
  };

  const open = (wanted, focus = true) => {
    const talk = document.getElementById("pq-talk");
    if (talk.classList.contains("pq-choosing") === wanted) return;
    const now = talk.classList.toggle("pq-choosing", wanted);
    document.querySelector("[data-open-within]").setAttribute("aria-expanded", String(now));
    const first = now && focus && tree().querySelector("[data-find-within]");
    if (first) first.focus({ preventScroll: true });
  };

  document.addEventListener("click", (event) => {
    const hit = (name) => event.target.closest(`[data-${name}]`);
    if (hit("open-within")) open();
    if (hit("fold")) {
      const fold = hit("fold");
      fold.setAttribute("aria-expanded", String(fold.getAttribute("aria-expanded") !== "true"));
    }
    if (hit("take-pattern")) take();
    if (hit("clear-within")) send([]);
    if (hit("drop-within")) send(picked().filter((one) => one !== hit("drop-within").dataset.dropWithin));
  });
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-within]")) tick(event.target);
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-find-within]")) find(event.target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("[data-find-within]")) take();
    if (event.key === "Escape" && event.target.closest("#pq-tree")) {
      open(false);
      document.querySelector("[data-open-within]").focus();
    }
  });
  let due = 0;
  new MutationObserver(() => {
    cancelAnimationFrame(due);
    due = requestAnimationFrame(sync);
  }).observe(document, { childList: true, subtree: true });
})();
