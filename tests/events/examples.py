"""One event of every class in the catalogue, as today's code writes it."""

from typing import Any

from events import article, slug
from events.article import ArticleContent, Reference
from events.base import Event, Text
from events.entry import Change, Source
from kit.ids import named_id

_HEADLINE: dict[str, Any] = {
    "title": "Ту-144",
    "slug": "tu-144",
    "locale": "ru",
    "summary": "Советский сверхзвуковой пассажирский самолёт.",
}
_CONTENT = ArticleContent(
    title="Ту-144",
    summary="Советский сверхзвуковой пассажирский самолёт.",
    body=Text.of("Первый полёт — 31 декабря 1968 года, см. [Ту-154](/articles/tu-154)."),
    sources=(Reference(title="Ригмант В. Г. Ту-144", url="https://www.tupolev.ru/"),),
    tags=("СССР", "сверхзвук"),
    category="aircraft",
    meta_title="Ту-144",
    meta_description="История Ту-144",
    meta_keywords="Ту-144, Туполев",
)

EXAMPLES: tuple[Event, ...] = (
    article.ArticleCreated(
        subject=named_id("example"),
        locale="ru",
        slug="tu-144",
        content=_CONTENT,
        translated_from=Source(entry=named_id("example", "en"), revision=3),
    ),
    article.ArticleRevised(
        revision=2,
        changed={
            "title": Change("Ту-144", "Ту-144Д"),
            "body": Change(
                {"sha256": _CONTENT.body.sha256},
                {"text": "Новый текст", "sha256": Text.of("Новый текст").sha256},
            ),
            "tags": Change(["СССР", "сверхзвук"], ["СССР"]),
        },
        reverts=1,
    ),
    article.ArticleSubmitted(revision=2, **_HEADLINE),
    article.ArticlePublished(revision=2, forced=True, **_HEADLINE),
    article.ArticleWithdrawn(),
    article.ArticleReturned(comment="Нет источника для даты первого полёта."),
    article.ArticleUnpublished(),
    article.ArticleArchived(),
    article.ArticleRestored(),
    article.ArticleRenamed(before="tu-144", after="tu-144-sst"),
    slug.SlugClaimed(kind="article", slug="tu-144", owner=named_id("example", "ru")),
    slug.SlugReleased(kind="article", slug="tu-144", owner=named_id("example", "ru")),
)
