{#- No date at all is not recent: it fails. -#}
{% test recency(model, field, datepart, interval, group_by_columns=[]) %}
    {%- set newest = 'cast(max(' ~ field ~ ') as ' ~ dbt.type_timestamp() ~ ')' -%}
    {%- set now = 'cast(' ~ dbt.current_timestamp() ~ ' as ' ~ dbt.type_timestamp() ~ ')' -%}
    {%- set oldest_allowed = dbt.dateadd(datepart, -1 * interval, now) -%}
    {{ dbt_utils.failing_groups(
        model,
        'not coalesce(' ~ newest ~ ' >= ' ~ oldest_allowed ~ ', false)',
        group_by_columns
    ) }}
{% endtest %}
