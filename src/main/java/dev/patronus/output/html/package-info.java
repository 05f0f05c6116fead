/// The report page: tables and charts of a time range as one HTML document with SVG.
///
/// In: a complete [TrafficReport]. Out: one document without scripts or references to other files.
/// Never knows: where the numbers come from, that a disk exists.
@NullMarked
package dev.patronus.output.html;

import org.jspecify.annotations.NullMarked;
