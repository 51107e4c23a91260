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
        ('basket_min_count', 2, 1000000),
        ('basket_max_length', 2, 6),
        ('basket_max_items', 2, 10000),
        ('basket_window_days', 0, 36600),
        ('recommendations_per_customer', 1, 100),
        ('recommendations_per_product', 1, 100),
        ('recommendation_discontinued_days', 1, 36600),
        ('recommendation_history_products', 1, 1000),
        ('recommendation_half_weight_days', 1, 36600),
        ('recommendation_neighbours', 1, 1000),
        ('recommendation_prior_customers', 1, 10000),
        ('recommendation_price_prior_products', 0, 100),
        ('recommendation_common_word_products', 1, 10000),
        ('recommendation_test_customers', 1, 1000000),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not integer or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a whole number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- for name, minimum, maximum in [
        ('basket_min_support', 0, 1),
        ('basket_min_confidence', 0, 1),
        ('basket_min_lift', 0, 1000),
        ('recommendation_content_weight', 0, 100),
        ('recommendation_category_weight', 0, 5),
        ('recommendation_popularity_weight', 0, 5),
        ('recommendation_price_weight', 0, 10),
        ('substitute_price_tolerance', 0, 10),
    ] -%}
        {%- set value = var(name) -%}
        {%- if value is not number or value is boolean or value < minimum or value > maximum -%}
            {%- do problems.append(
                name ~ ' must be a number from ' ~ minimum ~ ' to ' ~ maximum ~ ', not ' ~ value | tojson
            ) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- if var('basket_item_level') not in ['product', 'subcategory', 'category'] -%}
        {%- do problems.append(
            'basket_item_level must be product, subcategory or category, not '
            ~ var('basket_item_level') | tojson
        ) -%}
    {%- endif -%}

    {%- for name in ['non_product_categories', 'recommendation_repeatable_categories'] -%}
        {%- if var(name) is string or var(name) is not sequence -%}
            {%- do problems.append(name ~ ' must be a list of categories, not ' ~ var(name) | tojson) -%}
        {%- endif -%}
    {%- endfor -%}

    {%- set ks = var('recommendation_accuracy_ks') -%}
    {%- set wrong_ks = [] -%}
    {%- for k in ks if k is not integer or k is boolean or k < 1 or k > 100 -%}
        {%- do wrong_ks.append(k) -%}
    {%- endfor -%}
    {%- if ks is string or ks is not sequence or not ks or wrong_ks -%}
        {%- do problems.append(
            'recommendation_accuracy_ks must be a list of whole numbers from 1 to 100, not ' ~ ks | tojson
        ) -%}
    {%- endif -%}

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

    {%- for name in ['sale_statuses', 'paid_statuses'] -%}
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
