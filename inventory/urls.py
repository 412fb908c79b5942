"""Addresses of stock, from the root of the site."""

from django.urls import path

from inventory.views import (
    count_steps,
    counts,
    disposal,
    imports,
    items,
    lots,
    movements,
    par_levels,
    policies,
    receiving,
    stock,
    taking,
)

urlpatterns = [
    path("items/", items.items, name="items"),
    path("items/<path:sku>/", items.item, name="item"),
    path("stock/", stock.stock, name="stock"),
    path("expiring/", stock.expiring, name="expiring"),
    path("lots/", lots.lots, name="lots"),
    path("lots/<int:pk>/", lots.lot, name="lot"),
    path("movements/", movements.movements, name="movements"),
    path("movements/<int:pk>/undo/", movements.undo_movement, name="undo_movement"),
    path("use/<int:location>/", taking.use_stock, name="use_stock"),
    path("restock/<str:code>/", taking.restock_unit, name="restock_unit"),
    path("move/<int:location>/", taking.move_stock, name="move_stock"),
    path("discard/<int:location>/", disposal.discard_stock, name="discard_stock"),
    path("receive/<str:code>/", receiving.receive_stock, name="receive_stock"),
    path("receive/<str:code>/row/<int:number>/", receiving.received_row, name="received_row"),
    path("counts/", counts.counts, name="counts"),
    path("counts/open/<int:location>/", counts.open_count, name="open_count"),
    path("counts/<int:pk>/", counts.count, name="count"),
    path("counts/<int:pk>/record/", count_steps.record_count, name="record_count"),
    path("counts/<int:pk>/found/", count_steps.add_found_lot, name="add_found_lot"),
    path("counts/<int:pk>/finish/", count_steps.finish_count, name="finish_count"),
    path("counts/<int:pk>/post/", count_steps.post_count, name="post_count"),
    path("counts/<int:pk>/cancel/", count_steps.cancel_count, name="cancel_count"),
    path("par-levels/", par_levels.par_levels, name="par_levels"),
    path("par-levels/<str:code>/", par_levels.station_par_levels, name="station_par_levels"),
    path("par-levels/<str:code>/items/", par_levels.par_level_items, name="par_level_items"),
    path("import/", imports.import_division, name="import_division"),
    path("import/<uuid:token>/", imports.import_preview, name="import_preview"),
    path("policies/", policies.policies, name="policies"),
]
