/// Tables as values: typed rows, and columns that say how a cell of one is read.
///
/// In: rows of any type. Out: [Table]. Never knows: in which format a table is printed.
@NullMarked
package dev.patronus.output.table;

import org.jspecify.annotations.NullMarked;
