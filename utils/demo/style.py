"""How the demo page looks: the style sheet of its canvas, cards and verdicts."""

STYLE = """
@font-face { font-family: "Demo Hangul"; src: url("/hangul.ttf");
  unicode-range: U+1100-11FF, U+3130-318F, U+AC00-D7A3, U+2205; }
.gradio-container, .gradio-container * { font-family: "Demo Hangul", system-ui,
  sans-serif !important; }
.pad canvas { width: 100%; max-width: 26rem; aspect-ratio: 1; background: #fff;
  border: 2px solid var(--border-color-primary); border-radius: .5rem;
  touch-action: none; cursor: crosshair; display: block; }
.pad { user-select: none; -webkit-user-select: none; }
.pad p { margin: .3rem 0; } .pad button { font-size: 1.3rem; padding: .2rem .9rem;
  border: 1px solid var(--border-color-primary); border-radius: .4rem;
  margin-right: .4rem; cursor: pointer; }
.card { min-height: 18rem; }
.card h3 { margin: .6rem 0 .2rem; font-size: 1rem; }
.answers { list-style: none; margin: 0; padding: 0; }
.answers li { display: flex; align-items: center; gap: .6rem; font-size: 1rem; }
.answers li:first-child b { font-size: 2.4rem; line-height: 1.2; }
.answers b { width: 2.8rem; text-align: center; font-size: 1.4rem; }
.bar { flex: 1; height: .6rem; background: var(--border-color-primary); }
.bar i { display: block; height: 100%; background: #2563b8; }
.parts { display: flex; gap: .5rem; margin-top: .6rem; }
.parts div { flex: 1; text-align: center; padding: .3rem; border-radius: .4rem;
  border: 2px solid var(--border-color-primary); display: flex;
  flex-direction: column; }
.parts b { font-size: 1.7rem; } .parts .doubtful { border-color: #d97706; }
.parts em { color: #d97706; font-style: normal; font-size: .85rem; }
.maps { display: flex; gap: .5rem; } .maps figure { margin: 0; flex: 1; }
.maps img { width: 100%; background: #fff; } .maps figcaption { text-align: center; }
.wanted { font-size: 6rem; line-height: 1.2; text-align: center; }
.big { font-size: 2rem; text-align: center; margin: .3rem; }
.good { color: #16803c; } .bad { color: #c9342c; font-weight: 600; }
.jamo { font-size: 1.1rem; } p.good { font-size: 1.6rem; text-align: center; }
.dark .good { color: #4ade80; } .dark .bad { color: #f87171; }
"""
