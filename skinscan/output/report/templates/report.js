"use strict";
// Pairs of photos become one with a slider; without scripts they stay side by side.
for (const pair of document.querySelectorAll(".pair")) {
  const slider = pair.querySelector("input");
  const move = () => pair.style.setProperty("--at", slider.value + "%");
  slider.addEventListener("input", move);
  pair.classList.add("live");
  move();
}
// Rows of a list can be found, chosen and sorted; without scripts all stand in their order.
for (const list of document.querySelectorAll(".list")) {
  const [find, show, sort] = list.querySelectorAll(".controls input, .controls select");
  const body = list.querySelector("tbody");
  const rows = [...body.rows];
  const update = () => {
    const word = find.value.trim().toLowerCase();
    for (const row of rows) {
      const chosen = !show.value || row.dataset.tags.split(" ").includes(show.value);
      row.hidden = !chosen || !row.textContent.toLowerCase().includes(word);
    }
    list.querySelector(".count").textContent = rows.filter((row) => !row.hidden).length;
  };
  const order = () => {
    const [name, sign] = sort.value.split(" ");
    const place = (row) => (row.dataset[name] === undefined ? Infinity : sign * row.dataset[name]);
    const sorted = rows.map((row) => [place(row), row]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    body.append(...sorted.map(([, row]) => row));
  };
  find.addEventListener("input", update);
  show.addEventListener("change", update);
  sort.addEventListener("change", order);
  list.classList.add("live");
}
for (const choice of document.querySelectorAll(".language")) {
  choice.addEventListener("change", () => {
    document.documentElement.lang = choice.dataset.tag;
    document.title = choice.dataset.title;
  });
}
