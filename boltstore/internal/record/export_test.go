package record

// Seal is what closes every record.
var Seal = seal
