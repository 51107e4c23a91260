{#-
    Stops a run before its first model when a knob of dbt_project.yml has a value outside its range.
    A new knob joins by one line here.
-#}
{% macro check_knobs() %}
    {%- if not execute -%}{{ return('') }}{%- endif -%}
    {%- set problems = [] -%}

    {%- for name, minimum, maximum in [
        ('kpi_period_days', 1, 3660),
        ('session_idle_minutes', 1, 1440),
        ('product_period_days', 1, 3660),
        ('xyz_months', 3, 60),
        ('demand_window_days', 7, 3660),
        ('default_lead_time_days', 0, 365),
        ('order_cover_days', 1, 730),
        ('overstock_days', 1, 3660),
        ('dead_stock_days', 1, 3660),
        ('funnel_window_minutes', 1, 10080),
        ('sentiment_reach', 1, 5),
        ('anomaly_window_days', 14, 180),
        ('cart_recovery_days', 1, 90),
        ('attribution_window_days', 1, 365),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not integer or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a whole number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, minimum, maximum in [
        ('service_level', 0.5, 0.9999),
        ('sentiment_threshold', 0, 1),
        ('mismatch_threshold', 0, 1),
        ('anomaly_threshold', 2, 20),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not number or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, length, minimum, maximum in [
        ('performance_shares', 3, 0, 1),
        ('abc_shares', 2, 0, 1),
        ('xyz_deviations', 2, 0, 10),
    ] -%}
        {%- if not is_rising_list(var(name), length, minimum, maximum) -%}
            {%- do problems.append(
                name ~ ' must be a list of ' ~ length ~ ' rising numbers from ' ~ minimum ~ ' to '
                ~ maximum ~ ', not ' ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, is_optional in [
        ('as_of_date', true), ('earliest_valid_date', false), ('latest_valid_date', false),
    ] -%}
        {%- if not (is_optional and not var(name)) and not is_iso_date(var(name)) -%}
            {%- do problems.append(name ~ ' must be a date YYYY-MM-DD, not ' ~ var(name) | string | tojson) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- if not problems and var('earliest_valid_date') | string > var('latest_valid_date') | string -%}
        {%- do problems.append('earliest_valid_date must not be after latest_valid_date') -%}
    {%- endif -%}

    {%- for name, values in [
        ('funnel_mode', ['ordered', 'strict', 'any_order']),
        ('funnel_exclusion_event', ['', 'page_view', 'remove_from_cart']),
    ] -%}
        {%- if var(name) not in values -%}
            {%- do problems.append(
                name ~ ' must be one of ' ~ values | tojson ~ ', not ' ~ var(name) | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name in ['sale_statuses', 'paid_statuses', 'open_ticket_statuses'] -%}
        {%- if var(name) is string or var(name) is not sequence or not var(name) -%}
            {%- do problems.append(name ~ ' must be a list of at least one status, not ' ~ var(name) | tojson) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- set systems = ['seeds', 'landed'] + var('source_entities').keys() | list -%}
    {%- if var('source_system') not in systems -%}
        {%- do problems.append(
            'source_system must be one of ' ~ systems | join(', ') ~ ', not ' ~ var('source_system') | tojson
        ) -%}
    {%- elif var('source_system') != 'seeds' and target.type == 'duckdb' and not var('raw_path') -%}
        {%- do problems.append(
            'source_system ' ~ var('source_system') ~ ' reads files: set raw_path (make build RAW=…)'
        ) -%}
    {%- endif -%}

    {%- if problems -%}
        {{ exceptions.raise_compiler_error('Wrong knobs:\n  ' ~ problems | join('\n  ')) }}
    {%- endif -%}
{% endmacro %}


{% macro is_iso_date(value) %}
    {%- set text = value | string -%}
    {%- if not modules.re.fullmatch('[0-9]{4}-[0-9]{2}-[0-9]{2}', text) -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set year, month, day = text[:4] | int, text[5:7] | int, text[8:] | int -%}
    {%- set is_leap = (year % 4 == 0 and year % 100 != 0) or year % 400 == 0 -%}
    {%- set days = [31, 29 if is_leap else 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] -%}
    {{ return(year > 0 and 1 <= month <= 12 and 1 <= day <= days[month - 1]) }}
{% endmacro %}


{% macro is_rising_list(value, length, minimum, maximum) %}
    {%- if value is string or value is not sequence or value | length != length -%}
        {{ return(false) }}
    {%- endif -%}
    {%- set numbers = value | select('number') | reject('boolean') | list -%}
    {{ return(
        numbers | length == length and numbers | sort == numbers and numbers | unique | list == numbers
        and numbers[0] >= minimum and numbers[-1] <= maximum
    ) }}
{% endmacro %}
