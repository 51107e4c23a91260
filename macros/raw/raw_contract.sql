{#-
    The raw contract of one entity, read from models/sources/landed/_landed__sources.yml:
    key (list of columns), newest (column whose highest value wins among copies, or none),
    is_required, and columns: name -> {type, is_required, minimum, maximum}.
-#}
{% macro raw_contract(entity) %}
    {%- set node = graph.sources['source.' ~ project_name ~ '.landed.raw_' ~ entity] -%}
    {%- set columns = {} -%}
    {%- for name, column in node.columns.items() -%}
        {%- set meta = column.config.meta -%}
        {%- do columns.update({name: {
            'type': column.data_type,
            'is_required': meta.get('required', false),
            'minimum': meta.get('minimum'),
            'maximum': meta.get('maximum'),
        }}) -%}
    {%- endfor -%}
    {{ return({
        'key': node.config.meta.get('key', []),
        'newest': node.config.meta.get('newest'),
        'is_required': node.config.meta.get('required', false),
        'columns': columns,
    }) }}
{% endmacro %}


{#- The eleven entities of the raw contract, parents before children. -#}
{% macro raw_entities() %}
    {{ return([
        'customers', 'products', 'orders', 'order_items', 'payments', 'refunds', 'events',
        'reviews', 'support_tickets', 'inventory', 'marketing_spend',
    ]) }}
{% endmacro %}
