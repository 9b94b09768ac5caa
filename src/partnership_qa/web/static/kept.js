/* Earlier conversations: open, rename, delete; the server does it and lists them anew. */
"use strict";
document.addEventListener("click", (event) => {
  const hit = (name) => event.target.closest(`[data-${name}-kept]`);
  const send = (what) => window.pq.put("pq-kept-pick", JSON.stringify({ ...what, at: Date.now() }));
  if (hit("open")) {
    send({ do: "open", id: hit("open").dataset.openKept });
    document.getElementById("pq-talk").scrollTo({ top: 0, behavior: "auto" });
  }
  if (hit("rename")) {
    const title = window.prompt("A title for this conversation", hit("rename").dataset.title);
    if (title) send({ do: "rename", id: hit("rename").dataset.renameKept, title });
  }
  if (hit("delete") && window.confirm(`Delete “${hit("delete").dataset.title}” for good?`)) {
    send({ do: "delete", id: hit("delete").dataset.deleteKept });
  }
});
