/// The `site` commands: list, show, delete, deleted, restore, purge.
///
/// In: options, a confirmation. Out: answers. Never knows: SQL.
package dev.patronus.cli.site;
