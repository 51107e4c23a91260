-- The library and the project's own word list call at least 85 % of the sample shop's texts by the
-- same name, and take opposite sides in at most 10 %. Other shops' texts may be in any language.
{{ config(enabled=var('source_system') == 'seeds') }}
with

agreement as (

    select
        count(*) as texts,
        sum(case when sentiment = lexicon_sentiment then 1 else 0 end) as same,
        sum(
            case
                when
                    sentiment <> lexicon_sentiment
                    and sentiment <> 'neutral'
                    and lexicon_sentiment <> 'neutral'
                    then 1
                else 0
            end
        ) as opposite
    from {{ ref('review_sentiment') }}
    where sentiment is not null and lexicon_sentiment is not null

)

select *
from agreement
where same < 0.85 * texts or opposite > 0.10 * texts
