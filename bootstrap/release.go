package bootstrap

import "strings"

// A Repository is a git repository at a commit, with those of its submodules.
type Repository struct {
	URL        string      `json:"url"`
	Commit     string      `json:"commit"` // 40 hex digits
	Submodules []Submodule `json:"submodules"`
}

// A Submodule is one at a commit. Its address is in .gitmodules.
type Submodule struct {
	Path   string `json:"path"`
	Commit string `json:"commit"` // 40 hex digits
}

// Upstream is where stage0-posix is developed.
const Upstream = "https://github.com/oriansj/stage0-posix"

// releases are the known releases of stage0-posix, oldest first. The submodules'
// own copies of M2libc are not part of them: only their own tests use them.
var releases = []struct {
	Release string
	Repository
}{
	{"Release_1.5.0", Repository{Upstream, "2899c74f5b342618cc0a51bccb314d1eaa44d1dd", []Submodule{
		{"AArch64", "e91d9b6440c06a8e32bde34f65cecefcf97789c2"},
		{"AMD64", "8ec9336cfe14406caed6c0d4bdb287c876ecfe76"},
		{"M2-Mesoplanet", "09d43f0538c87501dcb55889772e024deb4869a4"},
		{"M2-Planet", "c9b99209863ae2ce91e0eb1c87d2adb7626b74e9"},
		{"M2libc", "b774c03f339675c44871c7ef2a6058a083341e6d"},
		{"armv7l", "a45daabc870825f86f2c6af795eb4df8a31ac5c2"},
		{"bootstrap-seeds", "b09a8b8cbcb6d3fdb025f1bf827d98a8cb3b4d41"},
		{"mescc-tools", "8a8d91cc526431f8199f5c2f1649f7fe09ba63d6"},
		{"mescc-tools-extra", "adc619ef8f596e3b9c40782540ec8678c6243d0d"},
		{"riscv32", "d6a4b475b150aa58d9a7f9e7c0f2a7e58a3db37f"},
		{"riscv64", "429e36209435a7ecd3c2cdea20728bfa237fdc56"},
		{"x86", "f70bf49424a97e2ebe7457e59c8be1a8c770299e"},
	}}},
	{"Release_1.6.0", Repository{Upstream, "a5c382e9ab5d070d192841122e453ca72754eec1", []Submodule{
		{"AArch64", "39a43f803d572b53f95d42507202152eeda18361"},
		{"AMD64", "93fbe4c08772d8df1412e2554668e24cf604088c"},
		{"M2-Mesoplanet", "c80645f06b035debaa08e95da3206346a9f61b97"},
		{"M2-Planet", "51dc63b349ca13fa57b345964254cf26930c0a7d"},
		{"M2libc", "de7c75f144176c3b9be77695d9bf94440445aeae"},
		{"armv7l", "916a92eb58f7faa5cd6428cdebd96b11636e15f3"},
		{"bootstrap-seeds", "e027b7f9da2092d41d4d249c5a6e7ce5c991cf07"},
		{"mescc-tools", "5d37991e22d1e4147411a766f4410508ba872962"},
		{"mescc-tools-extra", "c1bd4ab4c5b994d8167c1e6dfc14050dc151a911"},
		{"riscv32", "e5e870f54759dc8a401d1e89515c6f94adef02a1"},
		{"riscv64", "234fdcb53b64931711d3fc674cd5e156261610c7"},
		{"x86", "e86bf7d304bae5ce5ccc88454bb60cf0837e941f"},
	}}},
	{"Release_1.7.0", Repository{Upstream, "8ea80b69ff33c3e1d1696b67a926ba055c03543d", []Submodule{
		{"AArch64", "732e40a361dbda0e7bca594405dfb7d9a5200ac2"},
		{"AMD64", "7a5344bf809dce82cb87267ab117355fd1a96988"},
		{"M2-Mesoplanet", "2935751e3b74f468aa846fff844ce96f62d575ac"},
		{"M2-Planet", "5c251e67e28e0a441589b9c3f5150758b8034998"},
		{"M2libc", "17b1ec89af9de6f605d0fe7063d901ea4850b459"},
		{"armv7l", "916a92eb58f7faa5cd6428cdebd96b11636e15f3"},
		{"bootstrap-seeds", "f208be26d4d3c7f5ff42e8a43baf9cad04bdfddc"},
		{"mescc-tools", "08d5a0679fa4dc00babe02306f1bc50703083389"},
		{"mescc-tools-extra", "460648be66c4b4e4eeb138b8b88d5d6e0077e79e"},
		{"riscv32", "c8dcef85346bba64a16b41b9ce4937318ff9f7c3"},
		{"riscv64", "70ad3a8c119485f4e318f419bc2340f05e9e95f0"},
		{"x86", "105aebe1e5c38dcd5fd87723f7e49966ad6c436a"},
	}}},
	{"Release_1.8.0", Repository{Upstream, "c4a574341f47f42db6534542f337bcf4981cf60f", []Submodule{
		{"AArch64", "732e40a361dbda0e7bca594405dfb7d9a5200ac2"},
		{"AMD64", "1f497afc6c3534819cc27a1deb67f2ff42a9bcc4"},
		{"M2-Mesoplanet", "4a5e5d2d12b834e79ff32f5176ac6d5aced1476d"},
		{"M2-Planet", "754004e1b7d89b0f311447f1515190fff51da357"},
		{"M2libc", "5a7c12a7be39cbce113c5459d77467b829a1ecc5"},
		{"armv7l", "916a92eb58f7faa5cd6428cdebd96b11636e15f3"},
		{"bootstrap-seeds", "cedec6b8066d1db229b6c77d42d120a23c6980ed"},
		{"mescc-tools", "f531839b75fbd5d86e6a18a6b9aee12a6804c6b2"},
		{"mescc-tools-extra", "a151c245e512076971a3c85bb1502cf92cfa83b6"},
		{"riscv32", "c8dcef85346bba64a16b41b9ce4937318ff9f7c3"},
		{"riscv64", "70ad3a8c119485f4e318f419bc2340f05e9e95f0"},
		{"x86", "a15adc72f099506fb0d40c8824d7aaa97735f7c3"},
	}}},
	{"Release_1.8.1", Repository{Upstream, "d393f354c2b93a0c1c8616cc5d39c34d59c7e960", []Submodule{
		{"AArch64", "732e40a361dbda0e7bca594405dfb7d9a5200ac2"},
		{"AMD64", "1f497afc6c3534819cc27a1deb67f2ff42a9bcc4"},
		{"M2-Mesoplanet", "4a5e5d2d12b834e79ff32f5176ac6d5aced1476d"},
		{"M2-Planet", "195df98ab65bf1d45563bf5a553c196b58c78c31"},
		{"M2libc", "5a7c12a7be39cbce113c5459d77467b829a1ecc5"},
		{"armv7l", "916a92eb58f7faa5cd6428cdebd96b11636e15f3"},
		{"bootstrap-seeds", "cedec6b8066d1db229b6c77d42d120a23c6980ed"},
		{"mescc-tools", "f531839b75fbd5d86e6a18a6b9aee12a6804c6b2"},
		{"mescc-tools-extra", "a151c245e512076971a3c85bb1502cf92cfa83b6"},
		{"riscv32", "c8dcef85346bba64a16b41b9ce4937318ff9f7c3"},
		{"riscv64", "70ad3a8c119485f4e318f419bc2340f05e9e95f0"},
		{"x86", "a15adc72f099506fb0d40c8824d7aaa97735f7c3"},
	}}},
	{"Release_1.9.0", Repository{Upstream, "492a52c9d61fef5f53b7dc73e9cbb9a9397e21b1", []Submodule{
		{"AArch64", "9015b9e048bd969ffc7884399a17952f21d7a039"},
		{"AMD64", "82efa0d6be1c9bb993a7a62af1cccd8d2cda91f6"},
		{"M2-Mesoplanet", "4b011a85da73a7c97212468d41f17e806ba99547"},
		{"M2-Planet", "9a91d9c32751bdbce91cc309052e685a0c58aa2f"},
		{"M2libc", "68a23cfd05d5a355ba7a30c770d684cbe86fcc4e"},
		{"armv7l", "4b1ff94cec0341375c788f73901f25fc1edc3ac3"},
		{"bootstrap-seeds", "cedec6b8066d1db229b6c77d42d120a23c6980ed"},
		{"mescc-tools", "5adfbf3364261a77109878a56b100aeeb6ef9ac4"},
		{"mescc-tools-extra", "a151c245e512076971a3c85bb1502cf92cfa83b6"},
		{"riscv32", "261c67274cbc396dc211b06c933335c09cc35138"},
		{"riscv64", "4688bc66bdfd00efd5964350c9d76bdb90a0f72e"},
		{"x86", "3b9c2bb6d4155e4f2e5f642b5e0f59255dfc5934"},
	}}},
	{"Release_1.9.1", Repository{Upstream, "45d90f5955b6907dc6cdea9ebafce558359edcd3", []Submodule{
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
	}}},
}

// ReleaseRepository returns the repository of a release, if it is a known one.
func ReleaseRepository(release string) (Repository, bool) {
	for _, r := range releases {
		if r.Release == release {
			return r.Repository, true
		}
	}
	return Repository{}, false
}

// Version returns the version of a release, which may be named as a Reference
// is: 1.9.1 for "Release_1.9.1" and for "stage0-posix Release_1.9.1".
func Version(release string) string {
	return strings.TrimPrefix(strings.TrimPrefix(release, "stage0-posix "), "Release_")
}

// Releases returns the names of the known releases, oldest first.
func Releases() []string {
	var names []string
	for _, r := range releases {
		names = append(names, r.Release)
	}
	return names
}
