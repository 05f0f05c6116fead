/// The `export` commands: rows as files or streams, once or since the last run.
///
/// In: options, a state file. Out: rows. Never knows: SQL, formats.
@NullMarked
package dev.patronus.cli.export;

import org.jspecify.annotations.NullMarked;
