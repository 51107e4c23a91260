{#-
    The words of a text that one blank parts, as rows (word, word_number) to cross join with the text's
    own row; word_number counts from 1.
-#}
{% macro words_in_order(text, alias) -%}
    {{ adapter.dispatch('words_in_order')(text, alias) }}
{%- endmacro %}

{% macro default__words_in_order(text, alias) -%} {{ not_written('words_in_order') }} {%- endmacro %}

{% macro duckdb__words_in_order(text, alias) -%}
    unnest(string_to_array({{ text }}, ' ')) with ordinality as {{ alias }} (word, word_number)
{%- endmacro %}

{% macro postgres__words_in_order(text, alias) -%}
    unnest(string_to_array({{ text }}, ' ')) with ordinality as {{ alias }} (word, word_number)
{%- endmacro %}

{#- Spark counts from 0: an empty word in front takes that place. -#}
{% macro spark__words_in_order(text, alias) -%}
    lateral posexplode(split(concat(' ', {{ text }}), ' ')) as {{ alias }} (word_number, word)
{%- endmacro %}
