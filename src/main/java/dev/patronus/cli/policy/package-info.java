/// The `policy` commands: list, show, explain, check, test, diff; deletion is in `cli.deletion`.
///
/// In: options, a flow. Out: answers. Never knows: SQL.
package dev.patronus.cli.policy;
