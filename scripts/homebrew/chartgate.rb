# Written by `scripts/package formula` for each release, from the checksums of its archives.
class Chartgate < Formula
  desc "Says, before anything is pushed, whether a Helm chart may be released"
  homepage "https://github.com/chartgate/chartgate"
  version "VERSION"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/chartgate/chartgate/releases/download/vVERSION/chartgate-VERSION-aarch64-apple-darwin.tar.gz"
      sha256 "SHA256-aarch64-apple-darwin"
    end
    on_intel do
      url "https://github.com/chartgate/chartgate/releases/download/vVERSION/chartgate-VERSION-x86_64-apple-darwin.tar.gz"
      sha256 "SHA256-x86_64-apple-darwin"
    end
  end

  on_linux do
    on_arm do
      url "https://github.com/chartgate/chartgate/releases/download/vVERSION/chartgate-VERSION-aarch64-unknown-linux-musl.tar.gz"
      sha256 "SHA256-aarch64-unknown-linux-musl"
    end
    on_intel do
      url "https://github.com/chartgate/chartgate/releases/download/vVERSION/chartgate-VERSION-x86_64-unknown-linux-musl.tar.gz"
      sha256 "SHA256-x86_64-unknown-linux-musl"
    end
  end

  def install
    bin.install "chartgate"
    generate_completions_from_executable(bin/"chartgate", "completions")
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/chartgate --version")
    (testpath/"web/Chart.yaml").write "apiVersion: v2\nname: web\nversion: 1.0.0\n"
    system bin/"chartgate", "check", "web"
  end
end
