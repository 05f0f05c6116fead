/// Tables as values: columns with name, title and kind, and rows.
///
/// In: cells. Out: [Table]. Never knows: in which format a table is printed.
package dev.patronus.output.table;
