package bloodelf_test

import (
	"fmt"
	"strings"

	"stage0/bloodelf"
	"stage0/source"
)

func ExampleFooter() {
	var out strings.Builder
	err := bloodelf.Footer(&out, []source.Source{source.String("true.M1", ":_start\n:main")}, bloodelf.Options{})
	_, table, _ := strings.Cut(out.String(), "# Generated string table\n")
	table, _, _ = strings.Cut(table, "# END")
	fmt.Print(table, err)
	// Output:
	// :ELF_str
	// '00'	# NULL string
	// :ELF_str__start	"_start"
	// :ELF_str_main	"main"
	// <nil>
}
