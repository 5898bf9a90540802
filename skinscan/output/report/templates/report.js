"use strict";
// Pairs of photos become one with a slider; without scripts they stay side by side.
for (const pair of document.querySelectorAll(".pair")) {
  const slider = pair.querySelector("input");
  const move = () => pair.style.setProperty("--at", slider.value + "%");
  slider.addEventListener("input", move);
  pair.classList.add("live");
  move();
}
for (const choice of document.querySelectorAll(".language")) {
  choice.addEventListener("change", () => {
    document.documentElement.lang = choice.dataset.tag;
    document.title = choice.dataset.title;
  });
}
