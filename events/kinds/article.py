"""Articles: what is written about a subject, in one language each."""

from events.content.sources import SourcesField
from events.content.texts import LineField, LinesField, MarkdownField, TextField
from events.kind import Kind

ARTICLE = Kind(
    name="article",
    path="articles",
    localized=True,
    fields=(
        LineField("title", ru="Название", en="Title", least=1, example="Antonov An-2"),
        TextField(
            "summary",
            ru="Кратко",
            en="Summary",
            needed=True,
            listed=True,
            example="A biplane that does everything.",
        ),
        MarkdownField(
            "body",
            ru="Текст",
            en="Text",
            help_ru="CommonMark; ссылка на /articles/<slug> или /articles/<id> ведёт к другой статье.",
            help_en="CommonMark; a link to /articles/<slug> or /articles/<id> leads to another article.",
            needed=True,
            example="It first flew in 1947, after the [Po-2](/articles/polikarpov-po-2).",
        ),
        SourcesField(
            "sources",
            ru="Источники",
            en="Sources",
            needed=True,
            example=[{"title": "B. Gunston, 1995", "url": "", "pages": "12-14", "supports": ["body"]}],
        ),
        LinesField(
            "tags",
            ru="Метки",
            en="Tags",
            listed=True,
            filter="contains",
            parameter="tag",
            example=["biplane"],
        ),
        LineField(
            "category", ru="Раздел", en="Category", limit=64, listed=True, filter="any", example="aircraft"
        ),
        LineField("meta_title", ru="Заголовок для поиска", en="Title for search engines"),
        TextField("meta_description", ru="Описание для поиска", en="Description for search engines"),
        LineField("meta_keywords", ru="Ключевые слова", en="Keywords for search engines", limit=500),
    ),
)
