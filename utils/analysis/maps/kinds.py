"""The kinds of maps that explain an answer."""

EXACT, GRAD_CAM, CONTRAST = "exact", "Grad-CAM", "contrast"
KINDS = (EXACT, GRAD_CAM, CONTRAST)
SIGNED = (EXACT, CONTRAST)  # those where places also speak against
