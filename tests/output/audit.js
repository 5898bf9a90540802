// What is wrong with the page as it is shown now: a list of sentences, empty when all is well.
(() => {
  const wrong = [];
  const shown = (element) => element.checkVisibility() && element.getClientRects().length > 0;
  const all = [...document.body.querySelectorAll("*")].filter(shown);
  const name = (element) => `${element.tagName.toLowerCase()}.${element.getAttribute("class") ?? ""}`;

  // Nothing sticks out to the side.
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth > width) wrong.push(`page ${document.documentElement.scrollWidth} > ${width}`);
  for (const element of all) {
    if (element.classList.contains("language") || element.closest("thead")) continue;
    const box = element.getBoundingClientRect();
    if (box.right > width + 1 || box.left < -1) wrong.push(`${name(element)} sticks out: ${box.left}..${box.right}`);
  }

  // Text stands out from what is behind it: WCAG 2, 4.5:1, or 3:1 for large text.
  const parse = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return [r, g, b, a];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
    .reduce((sum, v, k) => sum + v * [0.2126, 0.7152, 0.0722][k], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour[3] === 1) return colour;
    }
    return [255, 255, 255, 1];
  };
  for (const element of all) {
    const text = [...element.childNodes].filter((node) => node.nodeType === 3).map((node) => node.data).join("").trim();
    if (!text || element.closest("script, style")) continue;
    const style = getComputedStyle(element);
    const ink = parse(element.closest("svg") ? style.fill : style.color);
    const [one, two] = [light(ink), light(behind(element))].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (two + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && parseInt(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) wrong.push(`contrast ${ratio.toFixed(2)}: ${name(element)} "${text.slice(0, 30)}"`);
    if (size < 11.5) wrong.push(`text of ${size} px: ${name(element)}`);
  }

  // Pictures say what they show; tables, headings and controls can be found without seeing.
  for (const image of all.filter((element) => element.matches("img"))) {
    if (!image.alt.trim()) wrong.push("image without alt");
    if (!image.complete || !image.naturalWidth) wrong.push("image does not load");
  }
  for (const drawing of all.filter((element) => element.matches("svg"))) {
    const said = drawing.getAttribute("aria-label") || drawing.closest("[aria-hidden=true]");
    if (!said) wrong.push(`svg without a name in ${name(drawing.parentElement)}`);
  }
  for (const table of all.filter((element) => element.matches("table"))) {
    if (!table.caption) wrong.push("table without caption");
    if ([...table.querySelectorAll("th")].some((head) => !head.scope)) wrong.push("th without scope");
  }
  const levels = all.filter((element) => element.matches("h1, h2, h3")).map((element) => Number(element.tagName[1]));
  if (levels.filter((level) => level === 1).length !== 1) wrong.push(`headings of level 1: ${levels}`);
  for (const input of document.querySelectorAll("input")) {
    if (!input.labels.length) wrong.push(`${input.type} without label`);
  }
  for (const mark of ["main", "header.bar"]) {
    if (document.querySelectorAll(mark).length !== 1) wrong.push(`not one ${mark}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id stands twice");
  const articles = all.filter((element) => element.matches("article"));
  if (articles.length !== 1) wrong.push(`${articles.length} articles`);
  else if (articles[0].lang !== document.documentElement.lang) wrong.push("language of page and article differ");
  return wrong;
})();
