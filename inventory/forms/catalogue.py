"""Choosing what of a register becomes an item."""

from django import forms

from core.forms import WITHOUT_ID, CommandForm

MOST_CHOSEN = 500


class ChooseForm(CommandForm):
    """Ticked rows with their SKUs. ``seen`` is the mark of what was shown to come of it; empty to only look."""

    seen = forms.CharField(max_length=64, required=False, widget=forms.HiddenInput(WITHOUT_ID))

    @property
    def chosen(self) -> dict[str, str]:
        """SKUs by the key of the row, of those that are ticked."""
        data = self.data
        keys = data.getlist("take")[:MOST_CHOSEN] if hasattr(data, "getlist") else []
        return {key: str(data.get(f"sku-{key}", "")).replace("\0", "").strip()[:100] for key in keys}
