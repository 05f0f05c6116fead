/// The `policy` commands: list, show, explain.
///
/// In: options, a flow. Out: answers. Never knows: SQL.
package dev.patronus.cli.policy;
