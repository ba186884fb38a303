import type { Language } from '../../../lib/task/payload.ts';

/** A project with one dependency; its one test fails until `source` has the gold answer. */
export interface CachedProject {
  tool: string;
  /** What runs the tests, where the tool itself does not. */
  runner?: string;
  language: Language;
  /** As `agentctl cache warm` calls it. */
  cache: string;
  tree: Record<string, string>;
  source: string;
  gold: string;
  fixed: string;
  /** What a machine without the cache says that it lacks. */
  missing: string;
}

export const JAVA: CachedProject = {
  tool: 'mvn',
  language: 'java',
  cache: 'java',
  tree: {
    'pom.xml': `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>shop</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.source>17</maven.compiler.source>
    <maven.compiler.target>17</maven.compiler.target>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.apache.commons</groupId>
      <artifactId>commons-lang3</artifactId>
      <version>3.14.0</version>
    </dependency>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.10.2</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.2.5</version>
      </plugin>
    </plugins>
  </build>
</project>
`,
    'src/main/java/shop/Names.java':
      'package shop;\n\npublic class Names {\n  public static String title(String name) {\n    return name;\n  }\n}\n',
    'src/test/java/shop/NamesTest.java': `package shop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

class NamesTest {
  @Test
  void capitalises() {
    assertEquals("Ada", Names.title("ada"));
  }
}
`,
  },
  source: 'src/main/java/shop/Names.java',
  gold: `package shop;

import org.apache.commons.lang3.StringUtils;

public class Names {
  public static String title(String name) {
    return StringUtils.capitalize(name);
  }
}
`,
  fixed: 'src/test/java/shop/NamesTest.java::capitalises',
  missing: 'org.apache.maven.plugins:',
};

export const GRADLE: CachedProject = {
  ...JAVA,
  tool: 'gradle',
  tree: {
    'build.gradle': `apply plugin: 'java'

repositories { mavenCentral() }

dependencies {
  implementation 'org.apache.commons:commons-lang3:3.14.0'
  testImplementation 'junit:junit:4.13.2'
}
`,
    'src/main/java/shop/Names.java': JAVA.tree['src/main/java/shop/Names.java'] ?? '',
    'src/test/java/shop/NamesTest.java': `package shop;

import static org.junit.Assert.assertEquals;

import org.junit.Test;

public class NamesTest {
  @Test
  public void capitalises() {
    assertEquals("Ada", Names.title("ada"));
  }
}
`,
  },
  missing: 'org.apache.commons:commons-lang3:3.14.0',
};

export const PYTHON: CachedProject = {
  tool: 'python3',
  runner: 'pytest',
  language: 'python',
  cache: 'python',
  tree: {
    'requirements.txt': '# what the shop needs\npython-slugify==8.0.4\n',
    'shop.py': 'def address(name):\n    return name\n',
    'tests/test_shop.py':
      'from shop import address\nfrom slugify import slugify\n\n\ndef test_has_an_address():\n    assert address("Red Tea") == slugify("Red Tea")\n',
  },
  source: 'shop.py',
  gold: 'from slugify import slugify\n\n\ndef address(name):\n    return slugify(name)\n',
  fixed: 'tests/test_shop.py::test_has_an_address',
  missing: 'python-slugify==8.0.4',
};

export const NODE: CachedProject = {
  tool: 'npm',
  language: 'typescript',
  cache: 'javascript',
  tree: {
    'package.json': JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      type: 'module',
      scripts: { test: 'node --test' },
      dependencies: { kleur: '4.1.5' },
    }),
    'package-lock.json': JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      lockfileVersion: 3,
      packages: {
        '': { name: 'shop', version: '1.0.0', dependencies: { kleur: '4.1.5' } },
        // As npm writes it where it is told to leave addresses out.
        'node_modules/kleur': {
          version: '4.1.5',
          integrity:
            'sha512-o+NO+8WrRiQEE4/7nwRJhN1HWpVmJm511pBHUxPLtp0BUISzlBplORYSmTclCnJvQq2tKu/sgl3xVpkc7ZWuQQ==',
        },
      },
    }),
    'src/mark.ts': 'export const mark = (text: string): string => text;\n',
    'test/mark.test.ts': `import assert from 'node:assert/strict';
import { test } from 'node:test';
import kleur from 'kleur';
import { mark } from '../src/mark.ts';

kleur.enabled = true;
test('marks', () => assert.equal(mark('x'), kleur.red('x')));
`,
  },
  source: 'src/mark.ts',
  gold: "import kleur from 'kleur';\n\nexport const mark = (text: string): string => kleur.red(text);\n",
  fixed: 'test/mark.test.ts::marks',
  missing: 'kleur@4.1.5',
};

export const GO: CachedProject = {
  tool: 'go',
  language: 'go',
  cache: 'go',
  tree: {
    'go.mod': 'module example.com/shop\n\ngo 1.21\n\nrequire github.com/google/go-cmp v0.6.0\n',
    'go.sum':
      'github.com/google/go-cmp v0.6.0 h1:ofyhxvXcZhMsU5ulbFiLKl/XBFqE1GSq7atu8tAmTRI=\ngithub.com/google/go-cmp v0.6.0/go.mod h1:17dUlkBOakJ0+DkrSSNjCkIjxS6bF9zb3elmeNGIjoY=\n',
    'shop.go': 'package shop\n\nfunc Prices(n int) []int { return nil }\n',
    'shop_test.go': `package shop

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestPrices(t *testing.T) {
	if diff := cmp.Diff(Prices(2), []int{0, 1}); diff != "" {
		t.Fatal(diff)
	}
}
`,
  },
  source: 'shop.go',
  gold: `package shop

func Prices(n int) []int {
	prices := []int{}
	for i := range make([]int, n) {
		prices = append(prices, i)
	}
	return prices
}
`,
  fixed: 'shop_test.go::TestPrices',
  missing: 'github.com/google/go-cmp',
};

export const RUST: CachedProject = {
  tool: 'cargo',
  language: 'rust',
  cache: 'rust',
  tree: {
    'Cargo.toml':
      '[package]\nname = "shop"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "1.0.11"\n',
    'src/lib.rs': 'pub fn text(_price: i32) -> String {\n    String::new()\n}\n',
    'tests/text.rs':
      '#[test]\nfn tells() {\n    assert_eq!(shop::text(5), itoa::Buffer::new().format(5));\n}\n',
  },
  source: 'src/lib.rs',
  gold: 'pub fn text(price: i32) -> String {\n    itoa::Buffer::new().format(price).to_owned()\n}\n',
  fixed: 'tests/text.rs::tells',
  missing: 'itoa',
};
