"""What undoes that of which a toast tells."""

from django import template

from core.toasts import undo_of

register = template.Library()
register.filter("undo_of", undo_of)  # {% with undo=message|undo_of %}: its address and its fields
