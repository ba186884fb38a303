import type { CacheLanguage } from './recipes.ts';

/** For a machine without a project: what everybody needs. Path > content; none where projects have nothing in common. */
export function starterOf(language: CacheLanguage): Readonly<Record<string, string>> | undefined {
  return STARTERS[language];
}

const JAVA_TEST =
  'import org.junit.jupiter.api.Test;\n\nclass AppTest {\n  @Test\n  void works() {}\n}\n';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>example</groupId>
  <artifactId>starter</artifactId>
  <version>1</version>
  <properties>
    <maven.compiler.release>17</maven.compiler.release>
    <project.build.sourceEncoding>UTF-8</project.build.sourceEncoding>
  </properties>
  <dependencies>
    <dependency>
      <groupId>org.junit.jupiter</groupId>
      <artifactId>junit-jupiter</artifactId>
      <version>5.11.4</version>
      <scope>test</scope>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-compiler-plugin</artifactId>
        <version>3.13.0</version>
      </plugin>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-surefire-plugin</artifactId>
        <version>3.5.2</version>
      </plugin>
    </plugins>
  </build>
</project>
`;

const STARTERS: Partial<Record<CacheLanguage, Readonly<Record<string, string>>>> = {
  java: { 'pom.xml': POM, 'src/test/java/AppTest.java': JAVA_TEST },
  python: { 'requirements.txt': 'pytest\n' },
  go: {
    'go.mod': 'module example.com/starter\n',
    'starter_test.go': 'package starter\n\nimport "testing"\n\nfunc TestNothing(t *testing.T) {}\n',
  },
};
