/// The `site` commands: list, show, delete; the others of deletion are in `cli.deletion`.
///
/// In: options, a confirmation. Out: answers. Never knows: SQL.
@NullMarked
package dev.patronus.cli.site;

import org.jspecify.annotations.NullMarked;
