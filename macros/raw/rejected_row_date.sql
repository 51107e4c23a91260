{#-
    The day a rejected row is about, read from its raw JSON text by the first ten characters of its
    entity's date column; null where the entity has none or they are no date. An impossible hour does
    not hide the day.
-#}
{% macro rejected_row_date(entity, raw_row) -%}
    {%- set columns = {
        'orders': 'ordered_at', 'payments': 'paid_at', 'refunds': 'refunded_at',
        'events': 'occurred_at', 'reviews': 'reviewed_at', 'support_tickets': 'opened_at',
        'inventory': 'snapshot_date', 'marketing_spend': 'spend_date',
    } -%}
    case {{ entity }}
    {%- for name, column in columns.items() %}
        when '{{ name }}'
            then {{ read_as('substring(' ~ json_text(raw_row, column) ~ ', 1, 10)', 'date') }}
    {%- endfor %}
    end
{%- endmacro %}
