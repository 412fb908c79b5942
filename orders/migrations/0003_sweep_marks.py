import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orders", "0002_initial")]

    operations = [
        migrations.AddField(
            model_name="shortfall",
            name="swept_at",
            field=models.DateTimeField(
                default=django.utils.timezone.now, help_text="The last sweep, which found it short still."
            ),
            preserve_default=False,
        )
    ]
