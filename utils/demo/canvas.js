// A square to draw on with mouse, finger or pen; its value is a PNG as a data URL.
const canvas = element.querySelector("canvas");
const pen = canvas.getContext("2d", { willReadFrequently: true });
const strokes = []; // each a list of [x, y, width] in pixels of the canvas

function paint() {
  pen.fillStyle = "#fff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = pen.fillStyle = "#000";
  pen.lineCap = pen.lineJoin = "round";
  for (const stroke of strokes) {
    for (let i = 0; i < stroke.length; i++) {
      const [x, y, width] = stroke[i];
      const [a, b] = stroke[Math.max(0, i - 1)];
      pen.lineWidth = width;
      pen.beginPath();
      pen.moveTo(a, b);
      pen.lineTo(x, y);
      pen.stroke();
    }
  }
}

function tell() {
  props.value = strokes.length ? canvas.toDataURL("image/png") : "";
  trigger("input");
}

function add(event) {
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  // A pen that is pressed harder writes broader; a mouse knows no pressure.
  const width = event.pointerType === "pen" ? 6 + 16 * event.pressure : 14;
  const x = (event.clientX - box.left) * scale;
  const y = (event.clientY - box.top) * scale;
  strokes[strokes.length - 1].push([x, y, width]);
}

let down = null;
canvas.addEventListener("pointerdown", (event) => {
  if (down !== null || event.button > 0) return;
  down = event.pointerId;
  canvas.setPointerCapture(down);
  strokes.push([]);
  add(event);
  paint();
  event.preventDefault();
});
canvas.addEventListener("pointermove", (event) => {
  if (event.pointerId !== down) return;
  for (const each of event.getCoalescedEvents?.() ?? [event]) add(each);
  paint();
});
for (const name of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(name, (event) => {
    if (event.pointerId !== down) return;
    down = null;
    tell();
  });
}
element.querySelector(".undo").addEventListener("click", () => {
  strokes.pop();
  paint();
  tell();
});
element.querySelector(".clear").addEventListener("click", () => {
  strokes.length = 0;
  paint();
  tell();
});
// Emptied from outside: another syllable is to be written.
watch("value", () => {
  if (!props.value) {
    strokes.length = 0;
    paint();
  }
});
paint();
