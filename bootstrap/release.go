package bootstrap

// A Repository is a git repository at a commit, with those of its submodules.
type Repository struct {
	URL        string
	Commit     string // its id in full
	Submodules []Submodule
}

// A Submodule is one at a commit. Its address is in .gitmodules.
type Submodule struct {
	Path   string
	Commit string // its id in full
}

// ReleaseRepository returns the repository of the release. The submodules'
// own copies of M2libc are not part of it: only their own tests use them.
func ReleaseRepository() Repository {
	return Repository{
		URL:    "https://github.com/oriansj/stage0-posix",
		Commit: "45d90f5955b6907dc6cdea9ebafce558359edcd3",
		Submodules: []Submodule{
			{"AArch64", "9015b9e048bd969ffc7884399a17952f21d7a039"},
			{"AMD64", "82efa0d6be1c9bb993a7a62af1cccd8d2cda91f6"},
			{"M2-Mesoplanet", "4b011a85da73a7c97212468d41f17e806ba99547"},
			{"M2-Planet", "bd2fe4b0659fd0ad3f476a5ad0ef801bd134665d"},
			{"M2libc", "68a23cfd05d5a355ba7a30c770d684cbe86fcc4e"},
			{"armv7l", "4b1ff94cec0341375c788f73901f25fc1edc3ac3"},
			{"bootstrap-seeds", "cedec6b8066d1db229b6c77d42d120a23c6980ed"},
			{"mescc-tools", "5adfbf3364261a77109878a56b100aeeb6ef9ac4"},
			{"mescc-tools-extra", "a151c245e512076971a3c85bb1502cf92cfa83b6"},
			{"riscv32", "261c67274cbc396dc211b06c933335c09cc35138"},
			{"riscv64", "4688bc66bdfd00efd5964350c9d76bdb90a0f72e"},
			{"x86", "3b9c2bb6d4155e4f2e5f642b5e0f59255dfc5934"},
		},
	}
}
